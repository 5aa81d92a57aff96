/**
 * What the page of a finished sign-in does. It never relies on an opener: a provider's page may have cut it off (Cross-Origin-Opener-
 * Policy), and then the sign-in goes on in this window. `data`: the message, the only origin that may have it, and where to go on.
 */
export const resultScript = `
(() => {
  const { message, origin, next, inAppBrowser } = JSON.parse(document.getElementById("data").textContent);
  if (inAppBrowser) window.requestCredentials = () => message;
  addEventListener("message", (event) => {
    if (event.data !== "requestCredentials" || event.origin !== origin || !event.source) return;
    event.source.postMessage(message, origin);
    setTimeout(() => close(), 1000);
  });
  if (!inAppBrowser && (!window.opener || window.opener.closed)) location.replace(next);
})();
`;
