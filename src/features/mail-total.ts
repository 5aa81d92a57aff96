/** To whom a mail goes: an address that has long been proved, or one that may be anybody's. */
export type MailShare = "known" | "strangers";

/** What all mails of the installation may come to, as the features ask before they begin with something that needs one. */
export interface MailTotal {
  /** Throws AuthError `mail_unavailable` where no more such mails may leave. Counts nothing. */
  refuseIfSpent(share: MailShare): Promise<void>;
}

/** There is no total, or who asks is not bound by it. */
export const noMailTotal: MailTotal = { refuseIfSpent: async () => undefined };
