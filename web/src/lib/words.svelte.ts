// Words and numbers as the reader's language writes them; the words come from the same files as everywhere else.
import made from '../made/words.json';

export type Lang = 'zh' | 'en';
export type Text = Record<Lang, string>;
const words: Record<string, Text> = made;

function first(): Lang {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('lang') ?? navigator.language;
  return asked.startsWith('zh') ? 'zh' : 'en';
}

export const reader = $state({ lang: first() });

export function speak(lang: Lang): void {
  reader.lang = lang;
  localStorage.setItem('lang', lang);
}

export const has = (key: string): boolean => key in words;

/** The words of a key, with fields filled in. */
export function w(key: string, fields: Record<string, string | number> = {}): string {
  const found = words[key]?.[reader.lang];
  if (found === undefined) throw new Error(`no words for ${key}`);
  return found.replace(/\{(\w+)\}/g, (_, name: string) => String(fields[name]));
}

/** A number with three digits that say something. */
export function digits(value: number): string {
  const size = Math.abs(value);
  const places = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return new Intl.NumberFormat(reader.lang, { maximumFractionDigits: places }).format(value).replace('-', '−').replace(/^−0$/, '0');
}

const SCALES: Record<string, Record<Lang, [number, string][]>> = {
  money: { zh: [[1e8, '亿元'], [1e4, '万元'], [1, '元']], en: [[1e9, 'bn CNY'], [1e6, 'm CNY'], [1, 'CNY']] },
  tonnes: { zh: [[1e8, '亿吨'], [1e4, '万吨'], [1, '吨']], en: [[1e6, 'Mt'], [1e3, 'kt'], [1, 't']] },
  jobs: { zh: [[1e4, '万个'], [1, '个']], en: [[1e3, 'thousand'], [1, '']] },
  share: { zh: [[0.01, '%']], en: [[0.01, '%']] },
};
export type Kind = 'money' | 'tonnes' | 'jobs' | 'share';

/** The unit that numbers up to `size` are written in, and what one of it is. */
export function scale(kind: Kind, size: number): [number, string] {
  const known = SCALES[kind]![reader.lang];
  return known.find(([least]) => Math.abs(size) >= least) ?? known[known.length - 1]!;
}

/** A number with its unit. */
export function written(kind: Kind, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '—';
  const [one, unit] = scale(kind, value);
  return `${digits(value / one)}${unit === '%' || !unit ? unit : ` ${unit}`}`;
}

/** The same with its sign, for a change. */
export function change(kind: Kind, value: number): string {
  return value > 0 ? `+${written(kind, value)}` : written(kind, value);
}

/** Percentage points of a change of a share. */
export function points(value: number): string {
  return `${value > 0 ? '+' : ''}${digits(value * 100)} ${w('web.points')}`;
}

/** A part of an instrument's ceiling in its own unit; shares as per cent. */
export function strengthOf(one: { ceiling: number; unit: Text; share: boolean }, part = 1): string {
  return one.share ? `${digits(part * one.ceiling * 100)}% ${one.unit[reader.lang]}` : `${digits(part * one.ceiling)} ${one.unit[reader.lang]}`;
}

/** A text of a table that has it in both languages, as `name_zh` and `name_en`. */
export function said<K extends string>(row: Record<`${K}_${Lang}`, unknown>, key: K): string {
  return String(row[`${key}_${reader.lang}` as `${K}_${Lang}`]);
}

/** Several names as a list. */
export const list = (names: string[]): string => names.join(reader.lang === 'zh' ? '、' : ', ');
