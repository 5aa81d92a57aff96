/** What a user agent says of itself, most special first: Edge says that it is Chrome too, and Chrome that it is Safari. */
const browsers: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera|OPT)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bVersion\/.*\bSafari\//, "Safari"],
];

const systems: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\b(iPhone|iPad|iPod)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\b(Macintosh|Mac OS X)\b/, "macOS"],
  [/\b(Linux|X11)\b/, "Linux"],
];

/**
 * Browser and system of a user agent, as a mail names them: `"Firefox (Windows)"`. No versions, so that an update is no other device. An app
 * has its first word: `"okhttp"`. What Apple's libraries say (`CFNetwork`, `Darwin`) is the same on a phone and on a computer, so it is no system. Letters alone, because the text is the client's. Empty where nothing is known.
 */
export function familyOf(userAgent: string | null): string {
  const agent = userAgent ?? "";
  const system = nameIn(systems, agent);
  const browser =
    nameIn(browsers, agent) ?? (/^(?!Mozilla\b)[A-Za-z]{2,24}(?=[/ ]|$)/.exec(agent)?.[0] || undefined);
  if (browser !== undefined && system !== undefined) return `${browser} (${system})`;
  return browser ?? system ?? "";
}

function nameIn(list: typeof browsers, agent: string): string | undefined {
  return list.find(([pattern]) => pattern.test(agent))?.[1];
}
