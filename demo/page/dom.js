/**
 * Makes an element. `text` sets its text, `on` its listeners, `vars` CSS custom properties (through the CSSOM, which a strict
 * content security policy allows); every other property becomes an attribute, `true` an empty one, `false` and `undefined` none.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name === "text") made.textContent = String(value);
    else if (name === "on") addListeners(made, /** @type {Record<string, EventListener>} */ (value));
    else if (name === "vars") setVariables(made, /** @type {Record<string, string | number>} */ (value));
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/**
 * The element with this id. The page's own HTML promises it, so its absence is a mistake of ours.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new TypeError(`The page has no element "${id}".`);
  return found;
}

/**
 * Makes an SVG element with attributes.
 *
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes, ...children) {
  const made = /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", tag));
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * Says a sentence to screen readers.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  byId("live").textContent = sentence;
}

/**
 * Puts the focus on what has replaced the focused element, so that the keyboard does not start again at the top of the page.
 *
 * @param {HTMLElement} box
 * @param {string} selector
 */
export function keepFocus(box, selector) {
  const target = box.querySelector(selector);
  if (!(target instanceof HTMLElement)) return;
  if (target.tabIndex < 0) target.tabIndex = -1;
  target.focus();
}

/**
 * @param {HTMLElement} target
 * @param {Record<string, EventListener>} listeners
 */
function addListeners(target, listeners) {
  for (const [type, listener] of Object.entries(listeners)) target.addEventListener(type, listener);
}

/**
 * @param {HTMLElement} target
 * @param {Record<string, string | number>} variables
 */
function setVariables(target, variables) {
  for (const [name, value] of Object.entries(variables)) target.style.setProperty(name, String(value));
}
