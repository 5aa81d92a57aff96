/** Which addresses are the API's: only they are sent a token. */
export interface ApiUrl {
  /** Without a slash at the end. */
  readonly base: string;
  /** Whether an address is of the API's origin and below its path, segment by segment: `/apis` is not below `/api`. */
  contains(url: string): boolean;
  /** The address that a call means: a path is relative to the API, whatever page it is called on. */
  resolve(input: string | URL): string;
}

/** Throws a TypeError for an `apiUrl` that names no server. `page`: the address of the page, if there is one. */
export function parseApiUrl(apiUrl: string, page: string | undefined): ApiUrl {
  // A page can leave out the host. On a server there is nothing to complete the address with.
  if (!/^https?:/.test(page ?? apiUrl)) throw new TypeError('"apiUrl" must begin with http');
  const api = new URL(apiUrl, page);
  const base = (api.origin + api.pathname).replace(/\/+$/, "");
  return {
    base,
    contains(url) {
      const { origin, pathname } = new URL(url);
      return `${origin}${pathname}/`.startsWith(`${base}/`);
    },
    resolve(input) {
      const text = String(input);
      // `//host/path` and `https:…` are addresses of their own. Everything else is joined as text: it cannot leave the origin.
      const isWhole = /^([a-z][\w+.-]*:|\/\/)/i.test(text);
      return new URL(isWhole ? text : `${base}/${text.replace(/^\//, "")}`, api).href;
    },
  };
}
