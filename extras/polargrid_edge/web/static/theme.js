// Light or dark: as the system is, or as the user chooses.

const STORAGE_NAME = "polargrid-theme";

export function initTheme(select) {
  select.value = localStorage.getItem(STORAGE_NAME) ?? "system";
  const show = () => (document.documentElement.dataset.theme = select.value);
  select.addEventListener("change", () => {
    localStorage.setItem(STORAGE_NAME, select.value);
    show();
  });
  show();
}
