import "reflect-metadata";
import "zone.js";
import { HttpClient, HttpClientModule } from "@angular/common/http";
import { Component, NgModule } from "@angular/core";
import { BrowserModule } from "@angular/platform-browser";
import { platformBrowserDynamic } from "@angular/platform-browser-dynamic";
import { RouterModule } from "@angular/router";
import { AngularTokenModule, AngularTokenService } from "angular-token";

// Its default paths; only where the API is has to be said, once for requests and once for windows.
const options = { apiBase: globalThis.api, oAuthBase: globalThis.api };
const Root = Component({ selector: "app-root", template: "<router-outlet></router-outlet>" })(class {});
const Nothing = Component({ selector: "app-nothing", template: "" })(class {});
const App = NgModule({
  imports: [
    BrowserModule,
    HttpClientModule,
    RouterModule.forRoot([{ path: "**", component: Nothing }]),
    AngularTokenModule.forRoot(options),
  ],
  declarations: [Root, Nothing],
  bootstrap: [Root],
})(class {});

document.body.appendChild(document.createElement("app-root"));
const started = platformBrowserDynamic().bootstrapModule(App);
const service = async () => (await started).injector.get(AngularTokenService);
const statusOf = (observable) =>
  new Promise((resolve) => {
    observable.subscribe(
      () => resolve(200),
      ({ status }) => resolve(status),
    );
  });
const done = async (observable) => {
  const status = await statusOf(observable);
  if (status !== 200) throw new Error(`status ${status}`);
};
let isKnown = false;

globalThis.old = {
  // It believes what it stored; an app asks when it starts.
  async start() {
    const tokens = await service();
    isKnown = tokens.userSignedIn() && (await statusOf(tokens.validateToken())) === 200;
  },
  isSignedIn: () => isKnown,
  ask: async (path) => statusOf((await started).injector.get(HttpClient).get(globalThis.api + path)),
  register: async ({ email, password }) =>
    done((await service()).registerAccount({ login: email, password, passwordConfirmation: password })),
  async signIn({ email, password }) {
    await done((await service()).signIn({ login: email, password }));
    isKnown = (await service()).userSignedIn();
  },
  async signOut() {
    await done((await service()).signOut());
    isKnown = (await service()).userSignedIn();
  },
  requestReset: async (login) => done((await service()).resetPassword({ login })),
  setPassword: async (password) =>
    done((await service()).updatePassword({ password, passwordConfirmation: password })),
  remove: async () => done((await service()).deleteAccount()),
  async popup() {
    const opened = (await service()).signInOAuth("github");
    await new Promise((resolve, reject) => {
      opened.subscribe(({ message }) => (message === "authFailure" ? reject(new Error(message)) : resolve()));
    });
    isKnown = (await service()).userSignedIn();
  },
};
