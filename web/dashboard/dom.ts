/** Small pieces for building and updating the page. Text is always set as text. */

export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no element #${id}`);
  return element;
}

type Attributes = Readonly<Record<string, string>>;

export function html(tag: string, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Node[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Writes only what changed, so that screen readers and layout are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setData(element: HTMLElement | SVGElement, key: string, value: string): void {
  if (element.dataset[key] !== value) element.dataset[key] = value;
}

/** One child for each item, by key: made once, updated in place, removed when its item is gone. */
export function reconcile<Item>(
  parent: Element,
  items: readonly Item[],
  part: {
    readonly key: (item: Item) => string;
    readonly make: (item: Item) => HTMLElement;
    readonly update: (element: HTMLElement, item: Item) => void;
  },
): void {
  const old = new Map([...parent.children].map((child) => [(child as HTMLElement).dataset.key, child as HTMLElement]));
  let previous: Element | null = null;
  for (const item of items) {
    const key = part.key(item);
    let element = old.get(key);
    old.delete(key);
    if (element === undefined) {
      element = part.make(item);
      element.dataset.key = key;
    }
    const place: Element | null = previous === null ? parent.firstElementChild : previous.nextElementSibling;
    if (place !== element) parent.insertBefore(element, place);
    part.update(element, item);
    previous = element;
  }
  for (const element of old.values()) element.remove();
}

/** 75 -> "1 min 15 s", 4.26 -> "4.3 s". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
