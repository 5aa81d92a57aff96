import { AuthError } from "../errors.js";
import type { Emit } from "../events.js";
import { linkUrl } from "../features/link-mail.js";
import type { Mailer } from "../features/services.js";
import { describeDuration } from "../texts/duration.js";
import type { SendMail } from "./message.js";
import type { MailRenderer } from "./render.js";

/** Renders a mail and hands it over. */
export function createMailer(options: {
  readonly baseUrl: string;
  readonly render: MailRenderer;
  readonly send: SendMail;
  readonly emit: Emit;
  readonly onError: (error: unknown) => void;
}): Mailer {
  const { baseUrl, render, send, emit, onError } = options;
  return async (kind, model, account, contents) => {
    const message = render(kind.name, {
      to: contents.to,
      model: model.name,
      account,
      ...(contents.link ? { url: linkUrl(baseUrl, model, contents.link) } : {}),
      ...(contents.newEmail === undefined ? {} : { newEmail: contents.newEmail }),
      ...(contents.provider === undefined ? {} : { provider: contents.provider }),
      ...(contents.validFor === undefined ? {} : { validFor: describeDuration(contents.validFor, "en") }),
      ...(contents.redirectUrl === undefined ? {} : { redirectUrl: contents.redirectUrl }),
      ...(contents.config === undefined ? {} : { config: contents.config }),
    });
    try {
      await send(message);
    } catch (cause) {
      emit("mail.failed", { model: model.name, accountId: String(account.id), reason: kind.name });
      onError(cause);
      throw new AuthError("mail_unavailable", { cause });
    }
  };
}
