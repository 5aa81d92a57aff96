/** A mail as it is handed to a transport: addresses, one-line subject, both bodies, extra headers. */
export interface MailMessage {
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Extra headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Delivers one mail. Resolves when the mail is accepted for delivery and rejects when it is not; nothing is
 * retried by the caller. Any function of this shape is a transport.
 */
export type SendMail = (message: MailMessage) => Promise<void>;

/** Colours of the button, as `"#0f6b5c"`. Links have that of the button where it can be read on the page. */
export interface MailColors {
  readonly button?: string;
  /** Default: white or black, whichever is easier to read on the button. */
  readonly buttonText?: string;
  /** For the dark scheme. Default: as `button`. */
  readonly darkButton?: string;
  readonly darkButtonText?: string;
}

/** A picture above each mail. The app's name is its `alt`. */
export interface MailLogo {
  /** Absolute https URL. */
  readonly src: string;
  /** The picture for the dark scheme. Default: the same on a white plate. */
  readonly darkSrc?: string;
  /** Pixels, at most 520. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** A mail that is about to be sent, for a function that writes it in its own way. */
export interface MailToWrite {
  /** Which mail it is: `"confirmation_instructions"`. */
  readonly name: string;
  /** BCP 47, such as `"pt-BR"`. */
  readonly language: string;
  readonly direction: "ltr" | "rtl";
  readonly appName: string;
  /** Name of the model. */
  readonly model: string;
  readonly account: Readonly<Record<string, unknown>>;
  readonly to: string;
  /** The link. The text has to hold it as it is. */
  readonly url?: string;
  readonly newEmail?: string;
  /** What people call the provider that the mail is about: "GitHub". */
  readonly provider?: string;
  /** How long the link works, in words of the language: "1 hour". */
  readonly validFor?: string;
  readonly config?: string;
  readonly redirectUrl?: string;
  /** The sentences of this mail, not escaped: `subject`, `heading`, `text`, `button`, `note` … */
  readonly words: Readonly<Record<string, string>>;
  /** What is sent unless the function says otherwise. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What takes the place of the built-in mail; what is left out stays built in. */
export type WrittenMail = Partial<Pick<MailMessage, "subject" | "text" | "html">>;

/** Writes a mail in its own way; `undefined` leaves it as it is. */
export type WriteMail = (mail: MailToWrite) => WrittenMail | undefined | Promise<WrittenMail | undefined>;
