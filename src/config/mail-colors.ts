import type { MailColors, MailLogo } from "../mail/message.js";

/** The colours of a mail in one scheme. */
export interface Scheme {
  readonly button: string;
  readonly buttonText: string;
  readonly link: string;
}

/** What templates see as `it.brand`. */
export interface Brand {
  readonly light: Scheme;
  readonly dark: Scheme;
  readonly logo: MailLogo | undefined;
}

const cards = { light: "#ffffff", dark: "#1e2327" };
const plainLinks = { light: "#1d2125", dark: "#f3f5f6" };
const usual = { light: "#0f6b5c", dark: "#16806b", darkLink: "#6fd3bd" };

/** Text needs this much (WCAG 2.2 §1.4.3). */
const leastContrast = 4.5;

/** The colours of all mails. Those that are not given follow from those that are. */
export function createBrand(colors: MailColors = {}, logo?: MailLogo): Brand {
  const button = colors.button ?? usual.light;
  const darkButton = colors.darkButton ?? colors.button ?? usual.dark;
  const buttonText = colors.buttonText ?? readableOn(button);
  return {
    light: { button, buttonText, link: linkOn("light", button) },
    dark: {
      button: darkButton,
      buttonText: colors.darkButtonText ?? (colors.darkButton ? readableOn(darkButton) : buttonText),
      link: darkButton === usual.dark ? usual.darkLink : linkOn("dark", darkButton),
    },
    logo,
  };
}

/** What nobody could read: a sentence for each scheme whose button has too little contrast. */
export function checkColors(colors: MailColors | undefined): readonly string[] {
  const { light, dark } = createBrand(colors);
  const schemes = [
    ["buttonText", "button", light],
    ["darkButtonText", "darkButton", dark],
  ] as const;
  return schemes.flatMap(([text, ground, scheme]) => {
    const contrast = contrastOf(scheme.buttonText, scheme.button);
    return contrast >= leastContrast
      ? []
      : [
          `mail.colors.${text}: ${scheme.buttonText} on ${ground} ${scheme.button} has a contrast of ${contrast.toFixed(1)}, and text needs ${leastContrast} (WCAG 2.2 §1.4.3); ${readableOn(scheme.button)} has ${contrastOf(readableOn(scheme.button), scheme.button).toFixed(1)}`,
        ];
  });
}

/** Contrast of two colours (WCAG 2.2, "contrast ratio"): from 1 to 21. */
export function contrastOf(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

// On every ground one of the two has at least 4.58.
function readableOn(ground: string): string {
  return contrastOf("#ffffff", ground) >= leastContrast ? "#ffffff" : "#000000";
}

function linkOn(scheme: "light" | "dark", button: string): string {
  return contrastOf(button, cards[scheme]) >= leastContrast ? button : plainLinks[scheme];
}

function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
