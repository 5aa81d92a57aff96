import angular from "angular";
import "angular-cookie";
import "ng-token-auth/dist/ng-token-auth.js";

angular
  .module("page", ["ng-token-auth"])
  .config([
    "$authProvider",
    (provider) => provider.configure({ apiUrl: globalThis.api, omniauthWindowType: "newWindow" }),
  ]);

const injector = angular.bootstrap(document, ["page"]);
const [auth, http] = [injector.get("$auth"), injector.get("$http")];
const native = (promise) => new Promise((resolve, reject) => promise.then(resolve, reject));

globalThis.old = {
  // Asks the server by itself when it starts, if it has something to ask with.
  start: () => native(auth.validateUser()).catch(() => {}),
  isSignedIn: () => Boolean(auth.userIsAuthenticated()),
  ask: (path) =>
    native(http.get(globalThis.api + path)).then(
      ({ status }) => status,
      ({ status }) => Math.max(status, 0),
    ),
  register: (person) =>
    native(auth.submitRegistration({ ...person, password_confirmation: person.password })),
  signIn: (person) => native(auth.submitLogin({ ...person })),
  signOut: () => native(auth.signOut()),
  update: (fields) => native(auth.updateAccount(fields)),
  requestReset: (email) => native(auth.requestPasswordReset({ email })),
  setPassword: (password) => native(auth.updatePassword({ password, password_confirmation: password })),
  remove: () => native(auth.destroyAccount()),
  popup: () => native(auth.authenticate("github")),
};
