import { oneLine } from "../texts/one-line.js";
import type { MailMessage, WriteMail } from "./message.js";
import type { ComposedMail } from "./render.js";

/**
 * The mail as it is sent: what the app's own function writes takes the place of what is built in. Throws what the function throws, and a
 * TypeError for what it must not return.
 */
export async function writeMail(
  { message, toWrite }: ComposedMail,
  write: WriteMail | undefined,
): Promise<MailMessage> {
  const written = await write?.(toWrite);
  if (written === undefined) return message;
  const { subject = message.subject, text = message.text, html = message.html } = written;
  for (const [key, value] of Object.entries({ subject, text, html }))
    if (typeof value !== "string" || value.trim() === "")
      throw new TypeError(`mail.write returned a ${key} for ${toWrite.name} that is no text`);
  // Somebody whose program shows no HTML has nothing else.
  if (toWrite.url !== undefined && !text.includes(toWrite.url))
    throw new TypeError(`mail.write returned a text for ${toWrite.name} without its link`);
  return { ...message, subject: oneLine(subject).trim(), text, html };
}
