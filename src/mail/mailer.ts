import type { Account } from "../accounts/models.js";
import type { Languages } from "../config/languages.js";
import { AuthError } from "../errors.js";
import type { Emit } from "../events.js";
import { linkUrl } from "../features/link-mail.js";
import type { MailKind } from "../features/mail-kind.js";
import type { MailContents, Mailer } from "../features/services.js";
import { describeDuration } from "../texts/duration.js";
import type { SendMail, WriteMail } from "./message.js";
import type { MailComposer } from "./render.js";
import { writeMail } from "./write.js";

/**
 * Renders a mail in the language of its recipient and hands it over. Links begin with `baseUrl` and the model's mount point, whatever a
 * request says.
 */
export function createMailer(options: {
  readonly baseUrl: string;
  readonly compose: MailComposer;
  readonly languages: Languages;
  readonly write: WriteMail | undefined;
  readonly send: SendMail;
  /** Counts a mail that is about to leave. Throws AuthError `mail_unavailable` where it must not. */
  readonly count: (provenSince: number | null) => Promise<void>;
  readonly emit: Emit;
  readonly onError: (error: unknown) => void;
}): Mailer {
  const { baseUrl, compose, languages, write, count, send, emit, onError } = options;
  return async (kind, model, account, contents) => {
    const {
      link,
      newEmail,
      provider,
      device,
      validFor,
      redirectUrl,
      config,
      header = () => undefined,
    } = contents;
    await count(provenSince(kind, account, contents));
    const language = languages.of({ model: model.name, account, header });
    // The page behind the link speaks the language of the mail.
    const spoken = languages.all.length > 1 ? { locale: language.name } : {};
    const mail = compose(
      kind.name,
      {
        to: contents.to,
        model: model.name,
        account,
        ...(link ? { url: linkUrl(baseUrl, model, { ...link, query: { ...link.query, ...spoken } }) } : {}),
        ...(newEmail === undefined ? {} : { newEmail }),
        ...(provider === undefined ? {} : { provider }),
        ...(device === undefined ? {} : { device }),
        ...(validFor === undefined ? {} : { validFor: describeDuration(validFor, language.durations) }),
        ...(redirectUrl === undefined ? {} : { redirectUrl }),
        ...(config === undefined ? {} : { config }),
      },
      language,
    );
    try {
      await send(await writeMail(mail, write));
    } catch (cause) {
      // Whoever is invited has no account yet.
      const whose = account.id === "" ? {} : { accountId: String(account.id) };
      emit("mail.failed", { model: model.name, ...whose, reason: kind.name });
      onError(cause);
      throw new AuthError("mail_unavailable", { cause });
    }
  };
}

/** Since when the address of a mail is proved. What the app's own code sends goes to people whom the app knows. */
function provenSince(kind: MailKind, account: Account, contents: MailContents): number | null {
  if (contents.isByApp) return 0;
  if (kind.isBeforeProof) return null;
  // A table of the app's own may not know when an account was made: then it was there before.
  return contents.provenSince === undefined ? Date.parse(account.created_at) || 0 : contents.provenSince;
}
