/** A mail that a feature sends. Its templates lie in the feature's folder: `mails/NAME.text.eta` and `mails/NAME.html.eta`. */
export interface MailKind {
  /** Also the name of its templates, and of its words in `texts/`. */
  readonly name: string;
  readonly templates: URL;
  /** Whether the reason for the mail is the link in it; the others only tell what happened. */
  readonly carriesLink: boolean;
  /** Whether it goes to an address that nobody has proven to be theirs yet: words of whoever gave it would reach a stranger. */
  readonly isBeforeProof?: boolean;
}
