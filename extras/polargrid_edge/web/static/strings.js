// The texts of the page in the language of the user: strings.json has all of them.

const STORAGE_NAME = "polargrid-language";
const LANGUAGES = await (await fetch("/_page/strings.json")).json();

const preferred = [localStorage.getItem(STORAGE_NAME), ...navigator.languages, "en"];
export const language = preferred.map((name) => name?.split("-")[0]).find((name) => name in LANGUAGES);
const texts = LANGUAGES[language];
const numbers = new Intl.NumberFormat(language);

/** The text of a key, with `{name}` replaced by the value of that name; numbers as the language writes them. */
export function text(key, values = {}) {
  if (!(key in texts)) throw new Error(`strings.json: no text '${key}' in '${language}'`);
  return texts[key].replaceAll(/\{(\w+)\}/g, (_, name) => format(values[name]));
}

export const format = (value) => (typeof value === "number" ? numbers.format(value) : value);
export const formatSeconds = (milliseconds) => numbers.format(Number((milliseconds / 1000).toFixed(1)));

/** The name of a language in the user's language; the code itself where the browser knows no name. */
export function languageName(code) {
  try {
    return new Intl.DisplayNames(language, { type: "language" }).of(code);
  } catch {
    return code;
  }
}

/** Fill the elements that name their text in an attribute. */
export function fillTexts(root) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll("[data-label]")) element.ariaLabel = text(element.dataset.label);
  for (const element of root.querySelectorAll("[data-hint]")) element.placeholder = text(element.dataset.hint);
}

/** Offer the languages in a select element. A change reloads the page, over which nothing is lost. */
export function offerLanguages(select) {
  const options = Object.entries(LANGUAGES).map(([code, { language: name }]) => {
    const option = new Option(name, code, false, code === language);
    option.lang = code;
    return option;
  });
  select.replaceChildren(...options);
  select.addEventListener("change", () => {
    localStorage.setItem(STORAGE_NAME, select.value);
    location.reload();
  });
}
