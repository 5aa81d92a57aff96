/** Who asked, as far as events and the list of devices are concerned. */
export interface Caller {
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Whether the request says that it was forwarded, by a peer that is not among the trusted proxies. */
  readonly isForwarded?: boolean;
}
