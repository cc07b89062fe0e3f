// What is wrong with the page as it is shown: a list of sentences.
const wrong = [];
const root = document.documentElement;
if (root.scrollWidth > innerWidth) wrong.push(`the page is ${root.scrollWidth} px wide`);

const canvas = document.createElement("canvas");
canvas.width = canvas.height = 1;
const paint = canvas.getContext("2d", { willReadFrequently: true });
function colour(css, below) {
  paint.globalAlpha = 1;
  paint.fillStyle = `rgb(${below.join()})`;
  paint.fillRect(0, 0, 1, 1);
  paint.fillStyle = css;
  paint.fillRect(0, 0, 1, 1);
  return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
function behind(element) {
  const above = [];
  for (let at = element; at; at = at.parentElement) above.push(getComputedStyle(at).backgroundColor);
  return above.reverse().reduce((below, css) => colour(css, below), [255, 255, 255]);
}
function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(element) {
  const ground = behind(element);
  const ink = colour(getComputedStyle(element).color, ground);
  const [dark, light] = [luminance(ground), luminance(ink)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
  if (element.closest("svg, .material-symbols-outlined, .select2, option, script, style")) continue;
  const box = element.getBoundingClientRect();
  if (box.width < 2 || box.height < 2 || box.right < 0) continue;
  const text = element.textContent.trim().slice(0, 40);
  const style = getComputedStyle(element);
  const hides = (side) => ["hidden", "clip"].includes(side);
  if (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 2) {
    wrong.push(`"${text}" is cut below`);
  }
  if (hides(style.overflowX) && style.textOverflow !== "ellipsis"
      && element.scrollWidth > element.clientWidth + 2) {
    wrong.push(`"${text}" is cut at its side`);
  }
  const ratio = contrast(element);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  if (ratio < (isLarge ? 3 : 4.5) && !element.closest(":disabled")) {
    wrong.push(`"${text}" has a contrast of ${ratio.toFixed(2)}`);
  }
}
for (const part of document.querySelectorAll("td > *, td > * > svg")) {
  const cell = part.closest("td");
  if (part.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1) {
    wrong.push(`"${cell.textContent.trim().slice(0, 40)}" spills out of its cell`);
  }
}
for (const card of innerWidth > 640 ? [] : document.querySelectorAll(".records tbody tr")) {
  if (card.offsetHeight > 90) wrong.push(`${card.id} takes ${card.offsetHeight} px`);
}
return wrong;
