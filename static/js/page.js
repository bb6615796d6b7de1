// What modules share: finding elements, and improving what arrives on a page.

export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const improvements = [];

// improve runs f over the page now, and over every part that arrives later.
export function improve(f) {
  improvements.push(f);
  f(document);
}

// arrived improves a part that script has put into the page.
export function arrived(root) {
  for (const f of improvements) f(root);
}
