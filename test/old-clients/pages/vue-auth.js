import devise from "@websanova/vue-auth/dist/drivers/auth/devise.esm.js";
import axiosDriver from "@websanova/vue-auth/dist/drivers/http/axios.1.x.esm.js";
import routerDriver from "@websanova/vue-auth/dist/drivers/router/vue-router.2.x.esm.js";
import { createAuth } from "@websanova/vue-auth/dist/v3/vue-auth.esm.js";
import axios from "axios";
import { createApp } from "vue";
import { createRouter, createWebHashHistory } from "vue-router";

const url = (path) => `${globalThis.api}/auth${path}`;
const routes = [{ path: "/:all(.*)", component: { render: () => null } }];
const router = createRouter({ history: createWebHashHistory(), routes });
const auth = createAuth({
  plugins: { http: axios, router },
  drivers: { auth: devise, http: axiosDriver, router: routerDriver },
  options: {
    registerData: { url: url(""), redirect: null },
    loginData: { url: url("/sign_in"), redirect: null, staySignedIn: true },
    logoutData: { url: url("/sign_out"), method: "DELETE", redirect: null, makeRequest: true },
    fetchData: { url: url("/validate_token") },
    refreshData: { url: url("/validate_token") },
    authRedirect: null,
  },
});
createApp({ render: () => null })
  .use(router)
  .use(auth)
  .mount(document.body.appendChild(document.createElement("div")));

globalThis.old = {
  start: () => auth.load(),
  isSignedIn: () => auth.check(),
  ask: (path) =>
    axios.get(globalThis.api + path).then(
      ({ status }) => status,
      ({ response }) => response?.status ?? 0,
    ),
  register: ({ email, password }) =>
    auth.register({
      data: { email, password, password_confirmation: password, confirm_success_url: location.href },
    }),
  signIn: (data) => auth.login({ data }),
  signOut: () => auth.logout(),
};
