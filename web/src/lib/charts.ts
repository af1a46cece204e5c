// What the charts are made of: the parts of ECharts that are used, and the look they share.
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { tone } from './theme.svelte';

use([LineChart, GridComponent, LegendComponent, TitleComponent, TooltipComponent, SVGRenderer]);

export type Option = Record<string, unknown>;
export type Series = Record<string, unknown> & { data: (number | null)[] };
export const SERIES = ['#0072b2', '#d97706', '#00875a', '#b0609a', '#5ab0de', '#8c6d31', '#7a2552'];

const FONT = 'Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, system-ui, sans-serif';

export const draw = (element: HTMLElement): EChartsType => init(element, null, { renderer: 'svg' });

/** The common frame of a chart over years. */
export function overYears(years: number[], series: Series[], percent: boolean, small: boolean, unit: string): Option & { grid: Option; yAxis: Option } {
  const muted = tone('muted');
  return {
    animation: false,
    textStyle: { fontFamily: FONT, color: tone('ink') },
    grid: { left: 4, right: small ? 8 : 20, top: unit ? 30 : 10, bottom: 2, containLabel: true },
    tooltip: { trigger: 'axis', confine: true, appendTo: 'body', transitionDuration: 0, backgroundColor: tone('card'),
      borderColor: tone('line'), textStyle: { color: tone('ink'), fontSize: 12 },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? number(value, percent) : '—') },
    xAxis: { type: 'category', data: years, boundaryGap: false, axisTick: { show: false },
      axisLine: { lineStyle: { color: tone('line') } },
      axisLabel: { color: muted, fontSize: 11, interval: (_: number, year: string) => Number(year) % 5 === 0 } },
    yAxis: { type: 'value', min: percent ? 0 : undefined, max: percent ? 1 : undefined, splitNumber: small ? 2 : 4, interval: percent ? (small ? 0.5 : 0.25) : undefined, name: unit,
      nameTextStyle: { color: muted, align: 'left', fontSize: 11 }, splitLine: { lineStyle: { color: tone('line') } },
      axisLabel: { color: muted, fontSize: 11, formatter: (value: number) => number(value, percent) } },
    series,
  };
}

function number(value: number, percent: boolean): string {
  const shown = percent ? value * 100 : value;
  return `${shown.toLocaleString(document.documentElement.lang, { maximumFractionDigits: Math.abs(shown) < 10 ? 1 : 0 })}${percent ? '%' : ''}`;
}

/** A chart as a picture that stands by itself: with its title, its legend and where it is from. */
export function exported(option: Option, title: string, source: string): string {
  const away = document.createElement('div'), [width, height] = [900, 520];
  const chart = init(away, null, { renderer: 'svg', width, height });
  const named = (option.series as Series[]).filter((one) => one.name !== undefined && !one.silent).map((one) => String(one.name));
  chart.setOption({ ...option, backgroundColor: tone('card'), tooltip: undefined, grid: { left: 16, right: 24, top: 84, bottom: 44, containLabel: true },
    legend: { top: 40, left: 12, data: named, icon: 'roundRect', itemHeight: 8, itemWidth: 16, textStyle: { color: tone('ink'), fontSize: 12, fontFamily: FONT } },
    title: [{ text: title, left: 12, top: 8, textStyle: { fontSize: 17, color: tone('ink'), fontFamily: FONT } },
      { text: source, left: 12, bottom: 8, textStyle: { fontSize: 11, fontWeight: 'normal', color: tone('muted'), fontFamily: FONT, width: width - 24, overflow: 'break' } }] });
  const drawn = chart.renderToSVGString();
  chart.dispose();
  return drawn;
}

/** Sorted values' quantile, linear between neighbours. */
export function quantile(sorted: number[], at: number): number {
  const place = (sorted.length - 1) * at, low = Math.floor(place), high = Math.ceil(place);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (place - low);
}

/** The values of members, sorted, by year. */
export const byYear = (members: number[][]): number[][] => members[0]?.map((_, year) => members.map((one) => one[year]!).sort((a, b) => a - b)) ?? [];

/** Two bands (90 % and 50 %) around members (`byYear`), as stacked areas. */
export function bands(years: number[][], colour: string): Series[] {
  const band = (name: string, low: number, high: number, opacity: number): Series[] => {
    const from = years.map((values) => quantile(values, low));
    const line = { type: 'line', stack: name, symbol: 'none', lineStyle: { width: 0 }, silent: true, tooltip: { show: false } };
    return [{ ...line, id: `${name}-low`, data: from },
      { ...line, id: name, areaStyle: { color: colour, opacity }, data: years.map((values, n) => quantile(values, high) - from[n]!) }];
  };
  return [...band('90', 0.05, 0.95, 0.13), ...band('50', 0.25, 0.75, 0.2)];
}
