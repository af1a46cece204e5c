// Where the reader is: the address is the only state that outlives a page.
/** Where the lab was left. */
export const last = $state({ address: '/lab' });

/** The words of an address, with the marks between them as they are. */
export const worded = (words: URLSearchParams): string => words.toString().replaceAll('%7E', '~').replaceAll('%2C', ',');

export const here = $state({ path: location.pathname, query: location.search });

export function go(address: string, replace = false): void {
  if (address === location.pathname + location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  here.path = location.pathname;
  here.query = location.search;
  if (!replace) scrollTo(0, 0);
}

addEventListener('popstate', () => {
  here.path = location.pathname;
  here.query = location.search;
});

/** Links within the application are followed without a reload. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest('a');
  if (!link || event.metaKey || event.ctrlKey || link.target || link.hasAttribute('download')) return;
  if (link.origin !== location.origin || link.dataset.page === undefined) return;
  event.preventDefault();
  go(link.pathname + link.search);
}
