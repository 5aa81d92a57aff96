/**
 * Every action of the auth routes, by the name that overrides, hooks and errors know it by. `access`: whether it is for whoever is signed
 * in. `shows`: what a success is: the user JSON under `data`, other JSON, or something for a browser (a redirect or a page).
 */
export const actionTable = {
  register: { access: "anyone", shows: "account" },
  signIn: { access: "anyone", shows: "account" },
  signInWithGet: { access: "anyone", shows: "json" },
  signOut: { access: "session", shows: "json" },
  validateToken: { access: "session", shows: "account" },
  confirmAddress: { access: "anyone", shows: "browser" },
  resendConfirmation: { access: "anyone", shows: "json" },
  requestPasswordReset: { access: "anyone", shows: "json" },
  followResetLink: { access: "anyone", shows: "browser" },
  setPassword: { access: "session or link", shows: "account" },
  unlockAccount: { access: "anyone", shows: "browser" },
  requestUnlock: { access: "anyone", shows: "json" },
  updateAccount: { access: "session", shows: "account" },
  deleteAccount: { access: "session", shows: "json" },
  followInvitation: { access: "anyone", shows: "browser" },
  listSessions: { access: "session", shows: "json" },
  endOtherSessions: { access: "session", shows: "json" },
  endSession: { access: "session", shows: "json" },
  followNewDeviceLink: { access: "anyone", shows: "browser" },
  disownSignIn: { access: "anyone", shows: "browser" },
  listIdentities: { access: "session", shows: "json" },
  addIdentity: { access: "session", shows: "json" },
  removeIdentity: { access: "session", shows: "json" },
  redeemOmniauthCode: { access: "anyone", shows: "account" },
  askNonce: { access: "anyone", shows: "json" },
  exchangeNativeSignIn: { access: "anyone", shows: "account" },
  signInWithProvider: { access: "anyone", shows: "browser" },
  showProviderFailure: { access: "anyone", shows: "browser" },
  providerCallback: { access: "anyone", shows: "browser" },
} as const satisfies Record<
  string,
  {
    readonly access: "anyone" | "session" | "session or link";
    readonly shows: "account" | "json" | "browser";
  }
>;

/** Name of an action: `"validateToken"`. */
export type ActionName = keyof typeof actionTable;

export const actionNames = Object.keys(actionTable) as readonly ActionName[];
