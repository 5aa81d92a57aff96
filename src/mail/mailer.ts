import { describeDuration } from "../config/duration.js";
import { AuthError } from "../errors.js";
import type { Emit } from "../events.js";
import type { Mailer } from "../features/services.js";
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
  return async (kind, model, account, order) => {
    const message = render(kind, {
      to: order.to,
      model: model.name,
      account,
      ...(order.link
        ? { url: `${baseUrl}${model.mountAt}${order.link.path}?${new URLSearchParams(order.link.query)}` }
        : {}),
      ...(order.newEmail === undefined ? {} : { newEmail: order.newEmail }),
      ...(order.validFor === undefined ? {} : { validFor: describeDuration(order.validFor) }),
      ...(order.redirectUrl === undefined ? {} : { redirectUrl: order.redirectUrl }),
      ...(order.config === undefined ? {} : { config: order.config }),
    });
    try {
      await send(message);
    } catch (cause) {
      emit("mail.failed", { model: model.name, accountId: String(account.id), reason: kind });
      onError(cause);
      throw new AuthError("mail_unavailable", { cause });
    }
  };
}
