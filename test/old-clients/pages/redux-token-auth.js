import axios from "axios";
import { applyMiddleware, combineReducers, createStore } from "redux";
import thunk from "redux-thunk";
import { generateAuthActions, reduxTokenAuthReducer } from "redux-token-auth";

const reducer = combineReducers({ reduxTokenAuth: reduxTokenAuthReducer });
const store = createStore(reducer, applyMiddleware(thunk.default ?? thunk));
const actions = generateAuthActions({
  authUrl: `${globalThis.api}/auth`,
  userAttributes: { email: "email" },
  userRegistrationAttributes: { backTo: "confirm_success_url" },
});
const user = () => store.getState().reduxTokenAuth.currentUser;
const answered = () =>
  new Promise((resolve) => {
    const off = store.subscribe(() => {
      if (user().isLoading) return;
      off();
      resolve();
    });
  });

globalThis.old = {
  async start() {
    if (!localStorage.getItem("access-token")) return;
    const done = answered();
    actions.verifyCredentials(store);
    await done;
  },
  isSignedIn: () => user().isSignedIn,
  ask: (path) =>
    axios.get(globalThis.api + path).then(
      ({ status }) => status,
      ({ response }) => response?.status ?? 0,
    ),
  register: ({ email, password }) =>
    store.dispatch(
      actions.registerUser({
        email,
        password,
        passwordConfirmation: password,
        backTo: location.href,
      }),
    ),
  signIn: (person) => store.dispatch(actions.signInUser(person)),
  signOut: () => store.dispatch(actions.signOutUser()),
};
