"""The web application in a real browser: journeys that end in a number of Python's, without a fault that is seen."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tools.web import WEB, words

import seedbed as sb
from seedbed.base.years import DECIDE, START
from seedbed.planning.atlas import atlas
from seedbed.planning.case import Case
from seedbed.planning.scenarios import HERE

from .conftest import Server

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
TOLD = ("error", "warning")
MADE = Path(sb.__file__).parent / "service" / "web"
PAGES = ("/lab/gansu?m=vehicles&x=charging_network~2030~0.9", "/ask/footprint", "/policies?id=charging_network",
         "/data", "/atlas")


@pytest.fixture(scope="module")
def npm() -> str:
    """npm, with what the lock names installed."""
    found = shutil.which("npm")
    if found is None:
        pytest.skip("no npm on this machine")
    done = subprocess.run([found, "ci", "--silent"], cwd=WEB, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install what the lock names: {done.stderr[-300:]}")
    return found


class Page:
    """A page that remembers what went wrong."""

    def __init__(self, browser: Any, server: Server, lang: str = "en", width: int = 1280, look: str = "light") -> None:
        self.base = f"http://127.0.0.1:{server.port}"
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=look,
                                      locale="zh-CN" if lang == "zh" else "en-GB",
                                      permissions=["clipboard-read", "clipboard-write"])
        self.page, self.wrong = context.new_page(), []
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type in TOLD else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def open(self, path: str, wait: str) -> Any:
        self.page.goto(self.base + path)
        self.page.wait_for_selector(wait, timeout=120_000)
        return self.page


def figure(page: Any, number: int) -> str:
    return page.locator(".figures > div b").nth(number).inner_text()


def test_the_words_of_the_application_are_those_of_everywhere_else() -> None:
    assert (WEB / "src" / "made" / "words.json").read_text(encoding="utf-8") == words(), "run tools/web.py"


def test_the_bundle_is_what_its_source_makes(npm: str, tmp_path: Path) -> None:
    subprocess.run([npm, "run", "build", "--silent", "--", "--outDir", str(tmp_path)], cwd=WEB, check=True,
                   capture_output=True)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(MADE): path.read_bytes() for path in MADE.rglob("*") if path.is_file()}
    assert made == kept, "run tools/web.py"


def test_the_lock_names_no_address() -> None:
    assert "resolved" not in (WEB / "package-lock.json").read_text(encoding="utf-8")


def test_a_slider_that_is_moved_changes_what_python_says_it_does(browser: Any, server: Server) -> None:
    shown = Page(browser, server)
    page = shown.open("/lab/gansu?m=vehicles", "#charging_network")
    assert figure(page, 0) == "0 t"
    page.fill("input[type=search]", "charging")
    slider = page.locator("#charging_network")
    slider.focus()
    slider.press("End")
    expect(page.locator(".figures small").first).to_contain_text("90%", timeout=60_000)
    lab = sb.lab("gansu")
    base, mine = lab.run().books, lab.run({"charging_network": {2030: 1.0}}).books
    sound = [m.definition.data != "thin" for m in lab.case.markets]
    spared = (base.life_cycle_emissions - mine.life_cycle_emissions)[sound, DECIDE - START:, HERE].sum() / 1000
    assert figure(page, 0) == f"{spared / 1e3:.1f} kt" or figure(page, 0) == f"{spared / 1e3:.0f} kt"
    low = np.quantile(lab.fan("vehicles", {"charging_network": {2030: 1.0}}).avoided, 0.05)
    assert f"{low / 1e3:.3g}"[:3] in page.locator(".figures small").first.inner_text()
    assert "x=charging_network~2030~1" in page.url
    part = lab.why("vehicles", {"charging_network": {2030: 1.0}})["charging_network"]["green_share"]
    assert page.locator(".part b").first.inner_text() == f"+{part * 100:.3g} pp"
    page.keyboard.press("Control+z")
    expect(page.locator(".figures > div b").first).to_have_text("0 t")
    assert "x=" not in page.url
    page.click("[aria-label=Redo]")
    expect(page.locator(".figures > div b").first).not_to_have_text("0 t")
    assert "x=charging_network~2030~1" in page.url
    assert shown.wrong == []


def test_a_link_is_the_scenario_and_the_language_changes_without_a_reload(browser: Any, server: Server) -> None:
    shown = Page(browser, server, "zh")
    page = shown.open("/lab/gansu?m=vehicles&x=charging_network~2030~0.9&t=2030~0.5", ".part")
    assert page.locator("h1").inner_text() == "政策实验室"
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.evaluate("window.stays = true")
    page.click("button[lang=en]")
    assert page.locator("h1").inner_text() == "Policy lab"
    assert page.evaluate("window.stays")
    expect(page.locator(".target b")).to_contain_text("%")
    lab = sb.lab("gansu")
    fan = lab.fan("vehicles", {"charging_network": {2030: 0.9}})
    assert float(page.locator(".target b").inner_text()[:-1]) == pytest.approx(
        100 * (fan.green_share[:, 2030 - START] >= 0.5).mean(), abs=0.06)
    page.click("text=Copy as Python")
    copied = page.evaluate("navigator.clipboard.readText()")
    made: dict[str, Any] = {}
    exec(copied, made)  # what is handed out has to run
    assert made["fan"].avoided == pytest.approx(fan.avoided)
    assert shown.wrong == []


def test_a_chart_is_a_table_for_who_wants_to_read_it(browser: Any, server: Server) -> None:
    shown = Page(browser, server)
    page = shown.open("/lab/gansu?m=vehicles&x=charging_network~2030~0.9", ".middle > section .chart")
    chart = page.locator(".middle > section .chart").first
    chart.focus()
    chart.press("End")
    assert "2035" in page.locator(".middle > section [aria-live]").inner_text()
    page.locator(".middle > section").nth(1).get_by_text("Table", exact=True).click()
    page.locator(".middle > section th", has_text="5%").first.wait_for()  # the fan comes after the line
    cells = page.locator(".middle > section tbody tr").last.inner_text().split("\t")
    number = sb.lab("gansu").case.names.index("vehicles")
    share = sb.lab("gansu").run({"charging_network": {2030: 0.9}}).books.green_share[number, -1, HERE]
    assert cells[0].strip() == "2035"
    assert float(cells[1].strip(" %")) == pytest.approx(100 * share, abs=0.06)
    with page.expect_download() as file:
        page.locator(".middle > section").nth(1).get_by_text("CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(Path(file.value.path()).read_text(encoding="utf-8-sig"))))
    assert list(rows[0])[:3] == ["Year", "Scenario (share)", "Policy as it is (share)"]
    assert float(rows[-1]["Scenario (share)"]) == pytest.approx(share, rel=1e-4)
    members = sb.lab("gansu").fan("vehicles", {"charging_network": {2030: 0.9}}).green_share[:, -1]
    assert float(rows[-1]["5%"]) == pytest.approx(np.quantile(members, 0.05), rel=1e-4)
    with page.expect_download() as file:
        page.locator(".middle > section").nth(1).get_by_text("SVG", exact=True).click()
    picture = Path(file.value.path()).read_text(encoding="utf-8")
    assert all(word in picture for word in ("Gansu", "Vehicles", "Scenario", "charging_network"))
    assert shown.wrong == []


@pytest.mark.parametrize(("query", "left"), [
    ("m=vehicles", ""), ("m=nothing", ""), ("x=garbage~2030~0.5", "garbage"), ("x=charging_network~2030~7", "Charging"),
    ("x=charging_network~2034~0.9&until=2030", "Charging"), ("x=charging_network", ""), ("t=abc", ""),
    ("t=2099~0.8", "Target"), ("p=petrol~1.5", ""), ("p=petrol~0", ""), ("until=2033", "")])
def test_an_address_opens_and_what_it_cannot_have_is_left_out_and_named(browser: Any, server: Server, query: str,
                                                                        left: str) -> None:
    shown = Page(browser, server)
    page = shown.open(f"/lab/gansu?{query}", ".figures")
    expect(page.locator(".middle .main svg path").first).to_be_attached()
    said = page.locator("p.problem")
    if left:
        assert left in said.inner_text()
        page.get_by_text("understood").click()
    expect(said).to_have_count(0)
    assert "NaN" not in page.locator("body").inner_text()
    if query == "p=petrol~1.5":
        assert page.locator(".price", has_text="petrol").locator("b").inner_text() == "× 1.5"
    assert shown.wrong == []


def test_another_place_or_horizon_shows_its_own_numbers_only(browser: Any, server: Server) -> None:
    shown = Page(browser, server)
    page = shown.open("/lab/gansu?m=vehicles&x=charging_network~2034~0.9", ".part")
    page.get_by_text("Pin to compare").click()
    page.locator("select").nth(1).select_option("2030")
    expect(page.locator("p.problem")).to_contain_text("Charging network")
    expect(page.locator(".figures > div b").first).to_have_text("0 t")
    expect(page.get_by_text("Pin to compare")).to_be_visible()
    assert "NaN" not in page.locator("body").inner_text()
    page.locator("select").nth(0).select_option("hainan")
    page.wait_for_url("**/lab/hainan?**")
    page.wait_for_selector(".figures")
    page.go_back()
    page.wait_for_url("**/lab/gansu?**")
    page.wait_for_selector(".figures")
    assert page.locator("select").nth(0).input_value() == "gansu"
    assert shown.wrong == []


def test_a_scenario_outlives_a_look_at_another_page_and_takes_an_instrument_from_the_library(
        browser: Any, server: Server) -> None:
    shown = Page(browser, server)
    page = shown.open("/lab/gansu?m=vehicles&x=charging_network~2030~0.9", ".part")
    page.fill(".target input", "77.5")
    page.press(".target input", "Enter")
    page.locator(".target input").focus()
    page.keyboard.press("Control+z")
    assert "t=2030~0.775" in page.url, "Ctrl-Z in a field is the field's"
    page.get_by_role("link", name="Policies").click()
    page.fill("input[type=search]", "Product carbon label")
    page.get_by_role("button", name="Product carbon label").click()
    page.get_by_text("Try it in the lab").click()
    page.wait_for_selector(".part", timeout=60_000)
    assert "/lab/gansu" in page.url
    assert "charging_network~2030~0.9,product_carbon_label~2030~1" in page.url
    page.get_by_role("link", name="Data").click()
    page.get_by_role("link", name="Policy lab").click()
    expect(page.locator(".row")).to_have_count(2)
    page.get_by_label("Charging network: schedule and grounds").click()
    page.get_by_text("+ a year").click()
    assert "charging_network~2026~0.45~2030~0.9" in page.url, "a point more stands where the strength already is"
    page.get_by_label("Remove 2030").click()
    assert "charging_network~2030" not in page.url
    assert shown.wrong == []


def test_a_scenario_becomes_what_a_plan_takes_as_decided(browser: Any, server: Server) -> None:
    shown = Page(browser, server)
    page = shown.open("/lab/gansu?m=vehicles&x=charging_network~2028~0.5~2030~0.9", ".part")
    page.get_by_text("Make a plan of it").click()
    page.wait_for_selector("#f-mix")
    words = page.locator("#f-mix").input_value().split(",")
    decided = Case.of("gansu", decided=words).decided
    assert decided is not None
    wanted = sb.lab("gansu").mix({"charging_network": {2028: 0.5, 2030: 0.9}})
    for year in range(DECIDE, 2036):
        assert decided.intensity("charging_network", year) == pytest.approx(
            wanted.intensity("charging_network", year), abs=1e-4)
    assert page.locator("#f-place").input_value() == "gansu"
    assert shown.wrong == []


def test_a_running_job_is_found_again_after_a_look_elsewhere(browser: Any, server: Server) -> None:
    shown = Page(browser, server)
    page = shown.open("/ask/simulate?market=cement&place=hainan&until=2027", "#f-market")
    page.click("form button.main")
    page.wait_for_url("**job=**")
    page.get_by_role("link", name="Stage").click()
    page.wait_for_selector("#f-name")
    page.locator(".job").first.click()
    page.wait_for_selector("iframe", timeout=120_000)
    assert page.locator("#f-place").input_value() == "hainan"
    assert "Cement" in page.frame_locator("iframe").locator("body").inner_text()
    assert shown.wrong == []


def test_any_verb_is_asked_by_its_form_and_shown_as_a_page(browser: Any, server: Server) -> None:
    shown = Page(browser, server)
    page = shown.open("/ask/footprint", "#f-product")
    page.fill("#f-product", "steel")
    page.fill("#f-amount", "2")
    page.fill("#f-unit", "t")
    page.select_option("#f-place", "hebei")
    page.click("form button.main")
    page.wait_for_selector("iframe", timeout=60_000)
    text = page.frame_locator("iframe").locator("body").inner_text()
    value = sb.footprint("steel", 2, "t", place="hebei").value
    assert f"{value:,.0f}" in text or f"{value / 1000:,.2f}" in text, text[:600]
    assert shown.wrong == []
    page.fill("#f-product", "cemnt")
    page.click("form button.main")
    page.wait_for_selector("[role=alert]")
    assert "Did you mean cement" in page.locator("[role=alert]").inner_text()


def test_a_long_verb_tells_how_far_it_is_and_hands_out_its_files(browser: Any, server: Server) -> None:
    shown = Page(browser, server, "zh")
    page = shown.open("/ask/simulate?market=cement&place=gansu&until=2027", "#f-market")
    page.click("form button.main")
    page.wait_for_selector("iframe", timeout=120_000)
    assert "水泥" in page.frame_locator("iframe").locator("body").inner_text()
    with page.expect_download() as file:
        page.click("text=csv")
    rows = Path(file.value.path()).read_text(encoding="utf-8-sig").splitlines()
    known = sb.simulate("cement", "gansu", until=2027)
    assert len(rows) == len(known.table()) + 1
    assert shown.wrong == []


def test_the_atlas_says_what_is_known_of_a_province_and_what_is_the_nations(browser: Any, server: Server) -> None:
    shown = Page(browser, server)
    page = shown.open("/atlas", ".tile")
    known = {one.place: one for one in atlas() if one.market == "vehicles"}
    tile = page.locator(".tile", has_text="Hainan")
    assert tile.locator("span").inner_text() == f"{known['CN-HI'].green_share * 100:.3g}%"
    assert page.locator(".tile.national").count() == 0
    assert page.locator(".tile.none").count() == 3, "no numbers of Hong Kong, Macao and Taiwan"
    page.locator("select").first.select_option("buildings")
    expect(page.locator(".tile.national")).to_have_count(31)
    page.locator("select").first.select_option("heating")
    expect(page.locator(".tile.none", has_text="Hainan")).to_have_count(1)
    page.locator(".tile", has_text="Gansu").click()
    page.wait_for_selector(".figures", timeout=60_000)
    assert "/lab/gansu?m=heating" in page.url
    assert shown.wrong == []


def test_from_the_library_into_the_lab(browser: Any, server: Server) -> None:
    shown = Page(browser, server)
    page = shown.open("/policies", "tbody tr")
    assert page.locator("tbody tr").count() >= 80
    page.fill("input[type=search]", "Charging network")
    page.get_by_role("button", name="Charging network").click()
    page.get_by_text("Try it in the lab").click()
    page.wait_for_selector(".part", timeout=120_000)
    assert "charging_network~2030~1" in page.url
    assert shown.wrong == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_quiet_fit_and_can_be_used_by_everyone(browser: Any, server: Server, npm: str, lang: str,
                                                         width: int) -> None:
    shown = Page(browser, server, lang, width, "dark" if width == 390 else "light")
    axe = (WEB / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    for path in PAGES:
        page = shown.open(path, "h1")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = page.evaluate(axe + ";axe.run().then(found => found.violations.map(one => "
                                    "[one.id, one.nodes.length, one.nodes[0].html, one.nodes[0].failureSummary]))")
        assert found == [], (path, json.dumps(found, indent=1, ensure_ascii=False)[:3000])
    assert shown.wrong == []
