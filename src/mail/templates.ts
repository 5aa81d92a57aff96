import { mailKinds } from "../features/list.js";

/** Parts that the HTML templates share: the page around each mail, and its one button with the link beneath. */
export const sharedParts = ["layout", "button"] as const;

const shared = new URL("./templates/", import.meta.url);
const places: ReadonlyMap<string, URL> = new Map([
  ...mailKinds.flatMap(({ name, templates }) =>
    [`${name}.text.eta`, `${name}.html.eta`].map((file) => [file, new URL(file, templates)] as const),
  ),
  ...sharedParts.map((part) => [`${part}.html.eta`, new URL(`${part}.html.eta`, shared)] as const),
]);
const withLink: ReadonlySet<string> = new Set(
  mailKinds.filter(({ carriesLink: carries }) => carries).map(({ name }) => name),
);

/** Names of all mails. */
export const mailNames: readonly string[] = mailKinds.map(({ name }) => name);

/** Names of all template files. A directory of an app's own may hold any of them and nothing else. */
export const templateFiles: readonly string[] = [...places.keys()];

/** Where a template lies that comes with the package. Throws a TypeError for a name that none has. */
export function templateUrl(file: string): URL {
  const url = places.get(file);
  if (!url) throw new TypeError(`No mail has a template "${file}"`);
  return url;
}

/** Whether the reason for a mail is the link in it (`it.url`); the others only tell what happened. */
export function carriesLink(name: string): boolean {
  return withLink.has(name);
}
