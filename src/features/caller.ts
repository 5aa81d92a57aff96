/** Who asked, as far as events and the list of devices are concerned. */
export interface Caller {
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Whether the request says that it was forwarded, by a peer that is not among the trusted proxies. */
  readonly isForwarded?: boolean;
  /** The mark that the device shows, by which it is known where it has signed in before. A secret, as a token is. */
  readonly deviceMark?: string | undefined;
}
