// Light or dark, before anything is painted: as chosen here once, else as the system says.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let chosen = null;
  try {
    chosen = localStorage.getItem('theme');
  } catch { /* Storage may be forbidden; then the system decides. */ }
  const show = () => document.documentElement.dataset.theme = chosen || (dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', show);
  addEventListener('toggle-theme', () => {
    chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem('theme', chosen);
    } catch { /* It holds until the page is loaded again. */ }
    show();
  });
  show();
})();
