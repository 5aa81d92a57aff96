/**
 * The URL that a text is, or `undefined`. `URL.canParse` would be shorter, but Node 20 and 22 read it wrongly: once it has been called
 * some thousand times it takes an ü for broken UTF-8, and `https://bücher.example` for no URL.
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The same for addresses of the web: http and https. */
export function parseWebUrl(text: string): URL | undefined {
  const url = parseUrl(text);
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}
