/** Who asked, as far as events and the list of devices are concerned. */
export interface Caller {
  readonly address: string | null;
  readonly userAgent: string | null;
}
