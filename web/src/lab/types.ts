import type { Text } from '../lib/words.svelte';

export type Numbers = (number | null)[];
export interface Levels {
  share: Record<string, Numbers>;
  green_share: Numbers; green_stock: Numbers; green_market: Numbers; market_size: Numbers; public_money: Numbers; other_money: Numbers;
  private_investment: Numbers; operating_emissions: Numbers; life_cycle_emissions: Numbers; exports: Numbers; jobs: Numbers;
}
export type Seen = Record<string, Levels>;
export interface Instrument {
  id: string; label: Text; kind: string; lever: string; status: string; unit: Text; share: boolean; ceiling: number;
  bounds: [number, number]; authority: Text; decided: string; payer: Text; reason: Text; source: string; markets: string[]; now: number[];
}
export interface Market {
  id: string; label: Text; data: string; technologies: { id: string; label: Text; green: boolean }[];
}
export interface Start {
  place: { id: string; slug: string; name: Text };
  years: number[]; decide: number; members: number; most: number;
  markets: Market[]; instruments: Instrument[]; carriers: { id: string; label: Text; unit: string }[]; base: Seen;
}
export interface Fan { green_share: number[][]; avoided: number[]; public_money: number[]; other_money: number[]; jobs: number[] }
export type Part = Record<'green_share' | 'emissions' | 'public_money' | 'other_money' | 'green_market' | 'exports' | 'jobs', number>;
export type Why = Record<string, Part>;
export type Points = Record<string, Record<string, number>>;
