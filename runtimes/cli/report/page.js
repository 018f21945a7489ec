/* Runs in the report page: galleries over time and plots. `uPlot` is inlined before this script. */
(() => {
  'use strict';
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();

  function gallery(card) {
    const thumbnails = [...card.querySelectorAll('.strip button')];
    const large = card.querySelector('.large');
    const slider = card.querySelector('input[type="range"]');
    const label = card.querySelector('output');
    const play = card.querySelector('button.play');
    let timer;
    const show = (index) => {
      const chosen = thumbnails[index];
      if (!chosen) return;
      const image = chosen.querySelector('img');
      if (image) large.src = image.src;
      else large.textContent = chosen.querySelector('pre').textContent;
      label.textContent = chosen.title;
      slider.value = index;
      for (const thumbnail of thumbnails) thumbnail.setAttribute('aria-current', thumbnail === chosen);
      const strip = chosen.parentElement;
      strip.scrollLeft =
        chosen.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + chosen.offsetWidth / 2;
    };
    const stop = () => {
      clearInterval(timer);
      timer = undefined;
      play.textContent = '▶ Play';
    };
    thumbnails.forEach((thumbnail, index) =>
      thumbnail.addEventListener('click', () => {
        stop();
        show(index);
      }),
    );
    slider.addEventListener('input', () => {
      stop();
      show(Number(slider.value));
    });
    play.addEventListener('click', () => {
      if (timer !== undefined) return stop();
      play.textContent = '❚❚ Pause';
      let index = Number(slider.value) + 1 >= thumbnails.length ? 0 : Number(slider.value);
      show(index);
      timer = setInterval(() => {
        index++;
        if (index >= thumbnails.length) return stop();
        show(index);
      }, 250);
    });
    show(thumbnails.length - 1);
  }

  /** An exponential mean over about a fortieth of the run: the trend behind the noise of single batches. */
  function smooth(values) {
    const keep = Math.exp(-40 / Math.max(40, values.length));
    let sum = 0;
    let weight = 0;
    return values.map((value) => {
      if (value === null) return null;
      sum = keep * sum + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
      return sum / weight;
    });
  }

  const short = (value) =>
    value === null || value === undefined
      ? '–'
      : value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3)
        ? value.toExponential(2)
        : String(Number(value.toPrecision(3)));

  const sync = uPlot.sync('step');

  function plot(holder, chart) {
    const data = [chart.steps];
    const series = [{ label: 'step' }];
    chart.series.forEach((line, index) => {
      const stroke = colour(`series-${index % 4}`);
      if (chart.smooth) {
        data.push(line.values, smooth(line.values));
        series.push({ stroke: `${stroke}45`, width: 1, points: { show: false } });
      } else {
        data.push(line.values);
      }
      series.push({
        label: line.label,
        stroke,
        width: 2,
        points: { show: chart.steps.length < 30, size: 5 },
      });
    });
    for (const target of chart.targets) {
      data.push(chart.steps.map(() => target.value));
      series.push({ stroke: colour('target'), width: 1.25, dash: [5, 4], points: { show: false } });
    }
    const canvas = holder.querySelector('.canvas');
    const readings = [...holder.querySelectorAll('.key b')];
    const axis = {
      stroke: colour('quiet'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
    };
    const size = () => ({ width: canvas.clientWidth, height: canvas.clientHeight });
    const made = new uPlot(
      {
        ...size(),
        series,
        legend: { show: false },
        padding: [8, 16, 0, 0],
        cursor: { sync: { key: sync.key }, y: false, points: { size: 6 }, drag: { x: true, y: false } },
        scales: { x: { time: false } },
        axes: [
          { ...axis, size: 30, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString('en')) },
          { ...axis, size: 56, values: (_, ticks) => ticks.map(short) },
        ],
        hooks: {
          setLegend: [
            (self) => {
              const at = self.cursor.idx ?? chart.steps.length - 1;
              chart.series.forEach((line, index) => {
                readings[index].textContent = short(line.values[at]);
              });
            },
          ],
        },
      },
      data,
      canvas,
    );
    new ResizeObserver(() => made.setSize(size())).observe(canvas);
    return made;
  }

  for (const card of document.querySelectorAll('.gallery')) gallery(card);
  const charts = JSON.parse(document.getElementById('charts').textContent);
  const holders = [...document.querySelectorAll('.plot')];
  let plots = [];
  const draw = () => {
    for (const made of plots) made.destroy();
    plots = holders.map((holder, index) => plot(holder, charts[index]));
  };
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
})();
