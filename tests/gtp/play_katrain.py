"""Plays a game of 9x9 through KaTrain's own engine class, with an analysis of every move.

    pip download --no-deps katrain pysgf chardet && unzip -d FOLDER each of them
    PYTHONPATH=FOLDER python3 tests/gtp/play_katrain.py build/release/tengen models/go9.safetensors

It is no test of the suite, since it needs KaTrain (MIT) from Python's index; what is checked here
once is checked always by tests/gtp/analysis.c, without it. KaTrain's windows (kivy) are not needed:
the few names that its core takes from them stand below.
"""
import json
import subprocess
import sys
import threading
import types


def stand_in(name, **contents):
    module = types.ModuleType(name)
    module.__dict__.update(contents)
    sys.modules[name] = module
    return module


class Anything:
    def __getattr__(self, name):
        return 0

    def __call__(self, *arguments, **named):
        return ""


stand_in("kivy")
stand_in("kivy.utils", platform="linux")
stand_in("kivy._event", Observable=object)
stand_in("katrain.gui")
stand_in("katrain.gui.theme", Theme=Anything())
stand_in("katrain.core.lang", i18n=types.SimpleNamespace(_=lambda text: text))

from katrain.core.engine import KataGoEngine
from katrain.core.game_node import GameNode
from pysgf import Move

exe, model = sys.argv[1:3]
visits = int(sys.argv[3]) if len(sys.argv) > 3 else 100


class Katrain:
    errors = []

    def log(self, message, level=0):
        if level == -1 or "rror" in str(message)[:40]:
            self.errors.append(message)
            print("katrain:", message, file=sys.stderr)

    def __call__(self, *arguments):
        print("katrain asks for:", arguments, file=sys.stderr)


config = {"backend": "local", "katago": exe, "model": model, "config": "/dev/null", "max_visits": visits, "fast_visits": 25,
          "max_time": 60, "wide_root_noise": 0.0, "_enable_ownership": True, "allow_recovery": False}
katrain = Katrain()
engine = KataGoEngine(katrain, config)
node = GameNode(properties={"SZ": "9", "KM": "7", "RU": "chinese"})
raw = {}
passes = moves = 0
while passes < 2 and moves < 120:
    done = threading.Event()

    def callback(result, is_partial, node=node, done=done):
        node.set_analysis(result, partial_result=is_partial)
        if not is_partial:
            raw[node] = result
            done.set()

    engine.request_analysis(node, callback, lambda error: (katrain.log(f"Error {error}"), done.set()))
    if not done.wait(120):
        sys.exit("no answer")
    best = raw[node]["moveInfos"][0]["move"]
    passes = passes + 1 if best == "pass" else 0
    node = node.play(Move.from_gtp(best, player=node.next_player))
    moves += 1

# What KaTrain made of it, against a second process that is asked for all of the moves at once.
path = node.parent.nodes_from_root
query = {"id": "all", "moves": [[m.player, m.gtp()] for n in path for m in n.moves], "rules": "chinese", "komi": 7,
         "boardXSize": 9, "boardYSize": 9, "maxVisits": visits, "analyzeTurns": list(range(len(path))), "includeOwnership": True}
answers = subprocess.run([exe, "analysis", model], input=json.dumps(query) + "\n", capture_output=True, text=True).stdout
again = {a["turnNumber"]: a for a in map(json.loads, answers.splitlines())}
worst = 0
for turn, n in enumerate(path):
    root = again[turn]["rootInfo"]
    worst = max(worst, abs(n.score - root["scoreLead"]), abs(n.winrate - root["winrate"]), abs(n.root_visits - root["visits"]))
    if n.analysis_exists and turn % 10 == 0:
        print(f"move {turn:3}  {n.move.gtp() if n.move else '-':5} score {n.score:+6.2f}  winrate {n.winrate:.3f}  lost {n.points_lost or 0:5.2f}  best {n.candidate_moves[0]['move']}")
engine.shutdown(finish=True)
print(f"{moves} moves, {len(katrain.errors)} errors, the largest difference to a second process {worst:.6f}")
sys.exit(bool(katrain.errors) or worst > 1e-5)
