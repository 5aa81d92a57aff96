import { existsSync } from "node:fs";

/** Every mail that Keyturn sends, by the name its templates have. */
export const mailKinds = [
  "confirmation_instructions",
  "reset_password_instructions",
  "email_change_instructions",
  "email_change_notice",
  "email_changed_notice",
  "password_changed_notice",
] as const;

export type MailKind = (typeof mailKinds)[number];

/** Parts that the HTML templates share: the page around each mail, and its one button with the link beneath. */
export const sharedParts = ["layout", "button"] as const;

/** Names of all template files; a directory of overrides may hold any of them and nothing else. */
export const templateFiles: readonly string[] = [
  ...mailKinds.flatMap((kind) => [`${kind}.text.eta`, `${kind}.html.eta`]),
  ...sharedParts.map((part) => `${part}.html.eta`),
];

/** True for the mails whose reason to exist is the link in them (`it.url`); the others only tell what happened. */
export function carriesLink(kind: MailKind): boolean {
  return kind.endsWith("_instructions");
}

/**
 * Directory of the templates that come with the package. They lie beside this file, in the sources and in
 * `dist/mail/`; a bundler that moves this code to the root of its output leaves them one folder down.
 */
export function templatesUrl(codeUrl: string = import.meta.url): URL {
  const beside = new URL("./templates/", codeUrl);
  return existsSync(new URL("layout.html.eta", beside)) ? beside : new URL("./mail/templates/", codeUrl);
}
