// One scenario: what was changed, and what the service says of it. The address holds all of it.
import { post, Problem } from '../lib/api';
import { go } from '../lib/route.svelte';
import type { Fan, Instrument, Points, Seen, Start, Why } from './types';

interface Asked { points: Points; prices: Record<string, number>; target: { year: number; share: number } | null }
const nothing = (): Asked => ({ points: {}, prices: {}, target: null });
const KINDS = ['mandatory', 'incentive', 'guidance', 'supporting'] as const;
export { KINDS };

export class Lab {
  place = $state('guangdong');
  until = $state(2035);
  market = $state('vehicles');
  by = $state(2030);
  asked: Asked = $state.raw(nothing());
  start: Start | undefined = $state.raw();
  seen: Seen | undefined = $state.raw();
  fan: Fan | undefined = $state.raw();
  why: Why | undefined = $state.raw();
  /** What the fan and the parts were asked for: older than `asked` while a slider moves. */
  known: Asked | undefined = $state.raw();
  pinned: { seen: Seen; address: string } | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  past: Asked[] = $state.raw([]);
  future: Asked[] = $state.raw([]);
  #waiting = false;
  #busy = false;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #grip: Asked | undefined;
  #opened = '';

  readonly of = $derived(this.start?.markets.find((one) => one.id === this.market));
  readonly changed = $derived(this.start?.instruments.filter((one) => this.asked.points[one.id]) ?? []);
  readonly reached = $derived(new Set(this.changed.flatMap((one) => one.markets)));

  /** The state that an address holds. */
  read(path: string, query: string): void {
    const words = new URLSearchParams(query);
    this.place = decodeURIComponent(path.split('/')[2] || 'guangdong');
    this.until = Number(words.get('until') ?? 2035);
    this.market = words.get('m') ?? this.market;
    const points: Points = {}, prices: Record<string, number> = {};
    for (const one of words.get('x')?.split(',') ?? []) {
      const [name, ...rest] = one.split('~');
      if (name && rest.length) points[name] = Object.fromEntries(rest.flatMap((_, n) => (n % 2 ? [] : [[rest[n]!, Number(rest[n + 1])]])));
    }
    for (const one of words.get('p')?.split(',') ?? []) {
      const [name, value] = one.split('~');
      if (name && value) prices[name] = Number(value);
    }
    const [year, share] = (words.get('t') ?? '').split('~').map(Number);
    this.asked = { points, prices, target: year && share ? { year, share } : null };
    void this.open();
  }

  get address(): string {
    const { points, prices, target } = this.asked, words = new URLSearchParams({ m: this.market });
    if (this.until !== 2035) words.set('until', String(this.until));
    const x = Object.entries(points).map(([name, years]) => [name, ...Object.entries(years).flat()].join('~')).join(',');
    const p = Object.entries(prices).map((one) => one.join('~')).join(',');
    if (x) words.set('x', x);
    if (p) words.set('p', p);
    if (target) words.set('t', `${target.year}~${target.share}`);
    return `/lab/${this.place}?${words.toString().replaceAll('%7E', '~').replaceAll('%2C', ',')}`;
  }

  get price(): string[] {
    return Object.entries(this.asked.prices).map(([name, times]) => `${name}=x${times}@${this.start?.decide ?? 2026}:${this.until}`);
  }

  /** The place as it is; again only where place, horizon or prices are others. */
  async open(): Promise<void> {
    const what = JSON.stringify([this.place, this.until, this.asked.prices]);
    if (what === this.#opened) return void this.ask();
    this.#opened = what;
    this.problem = undefined;
    try {
      const start = await post<Start>(`/v1/lab/${encodeURIComponent(this.place)}/start`, { until: this.until, price: this.price });
      if (what !== this.#opened) return;
      this.start = start;
      if (!start.markets.some((one) => one.id === this.market)) this.market = start.markets[0]!.id;
      this.ask();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    }
  }

  /** One question in flight, the newest next: aborting on every event would starve the charts. */
  ask(): void {
    this.#waiting = true;
    if (!this.#busy) void this.#pump();
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => void this.#deepen(), 120);
  }

  async #pump(): Promise<void> {
    this.#busy = true;
    while (this.#waiting) {
      this.#waiting = false;
      await this.#try(async () => { this.seen = await post<Seen>(this.#path('run'), this.#body()); });
    }
    this.#busy = false;
  }

  /** What takes longer: the members, and the part of each instrument. */
  async #deepen(): Promise<void> {
    const { asked, market } = this, few = this.changed.filter((one) => one.markets.includes(market)).length <= (this.start?.most ?? 0);
    await this.#try(async () => {
      const fan = post<Fan>(this.#path('fan'), { ...this.#body(), market });
      const why = few ? post<{ parts: Why }>(this.#path('why'), { ...this.#body(), market }) : Promise.resolve(undefined);
      const found = await Promise.all([fan, why]);
      if (asked !== this.asked || market !== this.market) return;
      [this.fan, this.why, this.known] = [found[0], found[1]?.parts, asked];
    });
  }

  async #try(act: () => Promise<void>): Promise<void> {
    if (!this.start) return;
    try {
      await act();
      this.problem = undefined;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    }
  }

  #path = (what: string) => `/v1/lab/${encodeURIComponent(this.place)}/${what}`;
  #body = () => ({ until: this.until, price: this.price, points: this.asked.points });

  /** Change something. While a slider is held, all its moves are one step of undo. */
  set(change: Partial<Asked>, held = false): void {
    if (!this.#grip) {
      this.past = [...this.past, this.asked];
      this.future = [];
    }
    this.#grip = held ? this.asked : undefined;
    this.asked = { ...this.asked, ...change };
    go(this.address, true);
    if (change.prices) void this.open();
    else this.ask();
  }

  /** The held slider is let go: what takes longer is asked for at once. */
  rest(): void {
    this.#grip = undefined;
    clearTimeout(this.#settle);
    void this.#deepen();
  }

  move(one: Instrument, years: Record<string, number> | null, held = false): void {
    const points = { ...this.asked.points };
    if (years && Object.keys(years).length) points[one.id] = years;
    else delete points[one.id];
    this.set({ points }, held);
  }

  undo(): void { this.#swap('past', 'future'); }
  redo(): void { this.#swap('future', 'past'); }
  #swap(from: 'past' | 'future', to: 'past' | 'future'): void {
    const back = this[from].at(-1);
    if (!back) return;
    this[to] = [...this[to], this.asked];
    this[from] = this[from].slice(0, -1);
    this.asked = back;
    go(this.address, true);
    void this.open();
  }

  look(market: string): void {
    this.market = market;
    this.fan = this.why = undefined;
    go(this.address, true);
    this.ask();
  }

  /** Strength of an instrument in every year: as it is, and as it is asked for. */
  strength(one: Instrument): { now: number[]; asked: number[] } {
    const years = this.start!.years, decide = this.start!.decide, given = this.asked.points[one.id];
    if (!given) return { now: one.now, asked: one.now };
    const before = years.indexOf(decide - 1);
    const known: [number, number][] = [[decide - 1, one.now[before]!], ...Object.entries(given).map(([year, value]) => [Number(year), value] as [number, number]).sort((a, b) => a[0] - b[0])];
    return { now: one.now, asked: years.map((year, n) => {
      if (year < decide) return one.now[n]!;
      const after = known.findIndex(([at]) => at >= year);
      if (after < 0) return known.at(-1)![1];
      const [at, value] = known[after]!, [from, was] = known[Math.max(0, after - 1)]!;
      return at === from ? value : was + ((value - was) * (year - from)) / (at - from);
    }) };
  }

  /** A change of all sound markets, summed over the decided years (or in the last one). */
  total(what: 'life_cycle_emissions' | 'public_money' | 'other_money' | 'jobs', last = false): number {
    const { start, seen } = this;
    if (!start || !seen) return 0;
    const from = start.years.indexOf(start.decide);
    return start.markets.filter((one) => one.data !== 'thin').reduce((sum, one) => {
      const now = seen[one.id]![what], base = start.base[one.id]![what];
      const more = now.map((value, n) => (value ?? 0) - (base[n] ?? 0));
      return sum + (last ? more.at(-1)! : more.slice(from).reduce((a, b) => a + b, 0));
    }, 0);
  }

  /** Part of the members that meet the target, as far as they are known. */
  get chance(): number | null {
    const { target } = this.asked, column = target && this.start ? this.start.years.indexOf(target.year) : -1;
    if (!target || !this.fan || column < 0) return null;
    return this.fan.green_share.filter((one) => one[column]! >= target.share).length / this.fan.green_share.length;
  }
}
