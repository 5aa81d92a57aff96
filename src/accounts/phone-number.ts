/** What Keyturn uses of libphonenumber-js. */
interface PhoneLibrary {
  parsePhoneNumberFromString(
    text: string,
    options: { readonly defaultCountry?: never; readonly extract: boolean },
  ): { readonly number: string; readonly ext?: unknown; isPossible(): boolean } | undefined;
  isSupportedCountry(country: string): boolean;
}

let library: PhoneLibrary | undefined;

/** Loads the package, which only models with a phone number among their `authenticationKeys` need. */
export async function loadPhoneNumbers(): Promise<void> {
  library = (await import("libphonenumber-js")) as PhoneLibrary;
}

/** Whether there is a country of this code with phone numbers. */
export function isPhoneCountry(country: string): boolean {
  return loaded().isSupportedCountry(country);
}

/**
 * A phone number in E.164, such as `+493012345`; `undefined` for what is none. Without a country code it is one of `country`, if there
 * is one. No extensions, and no letters in the place of digits.
 */
export function readPhoneNumber(text: string, country: string | undefined): string | undefined {
  // Address books put marks of direction around numbers.
  const plain = text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .trim();
  if (!/^[+\p{Nd}\s()./\p{Pd}]{1,64}$/u.test(plain)) return undefined;
  const options = { extract: false, ...(country === undefined ? {} : { defaultCountry: country as never }) };
  const number = loaded().parsePhoneNumberFromString(plain, options);
  // Not isValid: ranges that were given out after this version of the package are numbers too.
  return number?.isPossible() && !number.ext ? number.number : undefined;
}

function loaded(): PhoneLibrary {
  if (!library) throw new TypeError("Phone numbers were read before libphonenumber-js was loaded");
  return library;
}
