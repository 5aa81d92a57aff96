import { mailKinds } from "../features/list.js";
import type { MailKind } from "../features/mail-kind.js";
import { describeDuration } from "../texts/duration.js";
import type { Language } from "../texts/language.js";
import type { MailMessage, WriteMail } from "./message.js";
import type { MailComposer } from "./render.js";
import { writeMail } from "./write.js";

/** A model, as far as a mail has to know it. */
export interface PreviewModel {
  readonly name: string;
  readonly mountAt: string;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
}

export interface Preview {
  readonly message: MailMessage;
  /** Fields of the account that this mail prints, though it goes to an address that nobody has proven yet. */
  readonly strangersWords: readonly string[];
}

/** Addresses and names as they are, and as they are at their longest. */
export type PreviewSize = "usual" | "long";

const longPart = "maximiliana-konstantinopolitanska.von-und-zu-hohenstein";

/** Renders a mail with sample data. It is sent to nobody. */
export async function previewMail(options: {
  readonly compose: MailComposer;
  readonly write: WriteMail | undefined;
  readonly baseUrl: string;
  readonly kind: MailKind;
  readonly model: PreviewModel;
  readonly language: Language;
  readonly size: PreviewSize;
  /** How long its link works, in milliseconds. */
  readonly lifespan: number;
}): Promise<Preview> {
  const { compose, write, baseUrl, kind, model, language, size, lifespan } = options;
  const isLong = size === "long";
  const account = sampleAccount(model, isLong);
  const redirect = `https://app.example.com/welcome${isLong ? `?campaign=${"x".repeat(460)}` : ""}`;
  const query = new URLSearchParams({ config: "default", token: "sample", redirect_url: redirect });
  const composed = compose(
    kind.name,
    {
      to: isLong ? `${longPart}@${longPart}.example.com` : "ada@example.com",
      model: model.name,
      account,
      newEmail: isLong ? `new.${longPart}@${longPart}.example.com` : "new@example.com",
      provider: isLong ? `Accounts of the ${longPart}` : "GitHub",
      device: "Samsung Internet (Android)",
      ...(kind.carriesLink
        ? {
            url: `${baseUrl}${model.mountAt}/sample?${query}`,
            validFor: describeDuration(lifespan, language.durations),
          }
        : {}),
    },
    language,
  );
  const message = await writeMail(composed, write);
  const said = message.subject + message.text + message.html;
  return {
    message,
    strangersWords: kind.isBeforeProof
      ? model.fields.filter(({ name }) => said.includes(String(account[name]))).map(({ name }) => name)
      : [],
  };
}

/** The mail of a name. */
export function mailKindOf(name: string): MailKind | undefined {
  return mailKinds.find((kind) => kind.name === name);
}

// Values that no text has by chance.
function sampleAccount({ fields }: PreviewModel, isLong: boolean): Readonly<Record<string, unknown>> {
  const values = fields.map(({ name, type }, index) => {
    if (type === "boolean") return [name, null];
    if (type !== "string") return [name, 7_340_033 + index];
    return [name, `${isLong ? "Maximiliana Konstantinopolitanska " : ""}Sample ${name}`];
  });
  return {
    id: 1,
    provider: "email",
    uid: "ada@example.com",
    email: "ada@example.com",
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-01T00:00:00.000Z",
    ...Object.fromEntries(values),
  };
}
