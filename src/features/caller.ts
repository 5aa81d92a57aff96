/** Who asked, as far as events and the list of devices are concerned. */
export interface Caller {
  readonly address: string | null;
  readonly userAgent: string | null;
  /**
   * Why `address` may be a proxy's: the request says that it was forwarded, by a peer that is not among the trusted proxies
   * (`"unlisted"`), or by one of them that names nobody in `X-Forwarded-For` (`"silent"`).
   */
  readonly hiddenBy?: "unlisted" | "silent" | undefined;
  /** Whether the connection was cut off before its address could be read. */
  readonly isGone?: boolean;
  /** The mark that the device shows, by which it is known where it has signed in before. A secret, as a token is. */
  readonly deviceMark?: string | undefined;
}
