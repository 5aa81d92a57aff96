import { AuthError } from "../errors.js";
import type { Emit } from "../events.js";
import type { Mailer } from "../features/services.js";
import { describeDuration } from "../texts/duration.js";
import type { SendMail } from "./message.js";
import type { MailRenderer } from "./render.js";

/** Renders a mail and hands it over. Links begin with `baseUrl` and the model's mount point, whatever a request says. */
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
      ...(contents.link
        ? {
            url: `${baseUrl}${model.mountAt}${contents.link.path}?${new URLSearchParams(contents.link.query)}`,
          }
        : {}),
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
