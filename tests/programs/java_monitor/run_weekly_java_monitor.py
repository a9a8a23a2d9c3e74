"""Stands in for the weekly monitor of Java in tests: what it asks, says, writes and exits with, and nothing else of it.

It misbehaves as `conduct.json` beside it says, by key:
    fail            names of regions without an image
    unnamed         names of regions that are left out of the results without a word
    unwritten       names of regions that are left out of the results and of the log
    silent_at       a region at whose start it says nothing more, for silent_seconds or until
                    there is a file silent_until
    ignore_sigterm  whether it goes on when it is asked to end
    no_results, no_report, old_results   what it does not write, or only with an old time
    exit_code       how it dies after the regions, and exit_code_after_results after the results
    signal          which signal ends it there
    kill_parent     whether it kills the process that started it
    full_disk       whether its results go to a disk without space
    flood_megabytes how much it writes to its log, in lines and in one line without an end
    children        how many processes it leaves behind, which hold its output open
    seconds         how long each region takes
    stamp           the time in the names of its files
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

# It imports from its own folder and reads relative paths, as the program does.
from src.regions import REGIONS  # type: ignore[import-not-found]

CONDUCT_FILE = Path("conduct.json")
CONDUCT = json.loads(CONDUCT_FILE.read_text(encoding="utf-8")) if CONDUCT_FILE.exists() else {}
STAMP = CONDUCT.get("stamp") or datetime.now().strftime("%Y%m%d_%H%M%S")  # noqa: DTZ005 - as the program does

Path("logs").mkdir(exist_ok=True)
logging.basicConfig(
    level=os.environ.get("LOG_LEVEL", "INFO"),
    format="%(asctime)s - %(name)s - %(levelname)s - %(message)s",
    handlers=[
        logging.FileHandler(f"logs/java_weekly_{STAMP}.log", encoding="utf-8"),
        logging.StreamHandler(sys.stdout),
    ],
)
logger = logging.getLogger("automated_monitor")
LEFT_BEHIND = "left behind by the monitor"


def main() -> int:
    print("=" * 70)
    print("🌏 JAVA-WIDE WEEKLY MONITORING")
    print("=" * 70)
    if input("Continue with Java-wide monitoring? (yes/no): ").strip().lower() != "yes":
        print("❌ Monitoring cancelled by user")
        return 0
    if CONDUCT.get("ignore_sigterm"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    read_what_it_needs()
    cache()
    analyzed, errors = monitor()
    leave_children()
    flood()
    if CONDUCT.get("kill_parent"):
        os.kill(os.getppid(), signal.SIGKILL)
    if number := CONDUCT.get("signal"):
        os.kill(os.getpid(), number)
    if code := CONDUCT.get("exit_code"):
        logger.error("Monitoring failed: the market data could not be read")
        return int(code)
    if not CONDUCT.get("no_results"):
        write_results(analyzed, errors)
    if code := CONDUCT.get("exit_code_after_results"):
        return int(code)
    write_files()
    print("🎉 WEEKLY MONITORING COMPLETED")
    return 0


def read_what_it_needs() -> None:
    Path(os.environ["CONFIG_PATH"]).read_text(encoding="utf-8")
    key = Path(os.environ["GOOGLE_APPLICATION_CREDENTIALS"])
    account = json.loads(key.read_text(encoding="utf-8"))
    logger.info("project %s, key of mode %o", os.environ["EARTHENGINE_PROJECT"], key.stat().st_mode & 0o777)
    logger.debug("the key itself is %s", account["private_key"])
    logger.info("python: %s", sys.executable)
    logger.info("variables: %s", " ".join(sorted(os.environ)))
    logger.info("scraping: %s", os.environ.get("ENABLE_WEB_SCRAPING", "not told"))


def cache() -> None:
    kept = Path(os.environ["CACHE_DIR"]) / "osm" / "java.json"
    logger.info("cache is %s", "warm" if kept.exists() else "cold")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("{}", encoding="utf-8")


def regions() -> list[str]:
    return sys.argv[1].split(",") if len(sys.argv) > 1 else list(REGIONS)


def monitor() -> tuple[list[dict[str, object]], list[str]]:
    analyzed: list[dict[str, object]] = []
    errors: list[str] = []
    for region in regions():
        logger.info("🔍 Analyzing Yogyakarta region: %s", region)
        if region == CONDUCT.get("silent_at"):
            time.sleep(CONDUCT.get("silent_seconds", 0))
            while "silent_until" in CONDUCT and not Path(CONDUCT["silent_until"]).exists():
                time.sleep(0.05)
        time.sleep(CONDUCT.get("seconds", 0))
        if region in CONDUCT.get("fail", ()):
            errors.append(f"🛰️ Satellite data unavailable for {region}")
            logger.info("   🔄 %s: Trying fallback 2026-11-09 to 2026-11-16", region)
            logger.warning(errors[-1])
        elif region in CONDUCT.get("unwritten", ()):
            pass
        elif region in CONDUCT.get("unnamed", ()):
            logger.error("Failed to analyze Yogyakarta region %s: quota exceeded", region)
        else:
            analyzed.append({"region_name": region, "change_count": len(region), "total_area_m2": 12_345.0})
            logger.info("   ✅ %s: Successfully analyzed using 2026-11-16 to 2026-11-23", region)
    done, all_ = len(analyzed), len(regions())
    logger.info("Successfully analyzed %d/%d regions (%.1f%% success rate)", done, all_, 100 * done / all_)
    logger.info("🔍 Analyzing region: yogyakarta_airport_corridor")
    return analyzed, errors


def leave_children() -> None:
    for _ in range(CONDUCT.get("children", 0)):
        subprocess.Popen([sys.executable, "-c", f"import time; time.sleep(3600) # {LEFT_BEHIND}"])


def flood() -> None:
    megabytes = CONDUCT.get("flood_megabytes", 0)
    for _ in range(megabytes * 1024):
        print("x" * 1023)
    print("y" * megabytes * 1024 * 1024, end="", flush=True)


def write_results(analyzed: list[dict[str, object]], errors: list[str]) -> None:
    if CONDUCT.get("full_disk"):
        # The device whose every write fails with ENOSPC.
        Path("/dev/full").write_text("results", encoding="utf-8")
    file = Path(os.environ["OUTPUT_DIR"]) / "monitoring" / f"weekly_monitoring_{STAMP}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    changes = sum(int(str(region["change_count"])) for region in analyzed)
    results = {
        "period": "2026-11-16 to 2026-11-23",
        "regions_analyzed": analyzed,
        "total_changes": changes,
        "total_area_m2": 12_345.0 * len(analyzed),
        "alerts": [],
        "errors": errors,
        "summary": {},
        "investment_analysis": {},
    }
    file.write_text(json.dumps(results), encoding="utf-8")
    if CONDUCT.get("old_results"):
        os.utime(file, (0, 0))


def write_files() -> None:
    output = Path(os.environ["OUTPUT_DIR"])
    files = {
        f"imagery_viewer/imagery_viewer_{STAMP}.html": b"<img src='../satellite_images/weekly/all.png'>",
        "satellite_images/weekly/all.png": b"\x89PNG",
    }
    if CONDUCT.get("no_report"):
        logger.warning("⚠️ PDF generation failed: no fonts")
    else:
        files[f"reports/executive_summary_{STAMP}.pdf"] = b"%PDF-1.4 made now"
    for name, content in files.items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
