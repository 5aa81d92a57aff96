import $ from "jquery";
import "j-toker";

const native = (promise) => new Promise((resolve, reject) => promise.then(resolve, reject));
const started = native($.auth.configure({ apiUrl: globalThis.api })).catch(() => {});

globalThis.old = {
  start: () => started,
  isSignedIn: () => $.auth.user.signedIn === true,
  ask: (path) =>
    native($.ajax({ url: globalThis.api + path })).then(
      () => 200,
      ({ status }) => status,
    ),
  register: (person) => native($.auth.emailSignUp({ ...person, password_confirmation: person.password })),
  signIn: (person) => native($.auth.emailSignIn({ ...person })),
  signOut: () => native($.auth.signOut()),
  update: (fields) => native($.auth.updateAccount(fields)),
  requestReset: (email) => native($.auth.requestPasswordReset({ email })),
  setPassword: (password) => native($.auth.updatePassword({ password, password_confirmation: password })),
  remove: () => native($.auth.destroyAccount()),
  // It never says which kind of window it opens; an app has to.
  popup: () =>
    native($.auth.oAuthSignIn({ provider: "github", params: { omniauth_window_type: "newWindow" } })),
};
