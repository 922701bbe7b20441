"""The region tree: which place a row's words name (the county's own table is the authority)."""

import re

from words import region_word

LEVELS = {"city": 0, "county": 1, "township": 2, "village": 3}
COUNTY, TOWNSHIP, VILLAGE = 1, 2, 3
OFFICES = ["医疗保障事业管理中心", "医疗保障事务中心", "医疗保障服务中心", "医疗保险服务中心", "医疗保障中心", "医疗保障局",
           "医保中心", "医保局", "社会保险服务中心", "社会保险局", "人民政府", "税务局"]
ABOVE = tuple("省市州盟区县旗镇乡")
ENDINGS = ["村民委员会", "社区居民委员会", "居民委员会", "社区居委会", "村委会", "居委会", "村委", "居委", "社区", "村"]


def stem(word):
    """双井村村委会 → 双井"""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            word = word[: -len(ending)]
            break
    return word[:-1] if word.endswith("村") and len(word) > 1 else word


def without_remark(word):
    found = re.fullmatch(r"(.+)\(([^(]*)\)", word, re.DOTALL)
    return found[1] if found else word


def without_group(word):
    for ending in ("村民小组", "居民小组", "小组", "组"):
        if word.endswith(ending):
            rest = word[: -len(ending)]
            before = rest.rstrip("0123456789一二三四五六七八九十")
            if len(before) < len(rest):
                village = before.rstrip("第")
                return village if village.endswith(("村", "区", "会")) else word
            return word
    return word


def township_words(word):
    found = []
    for ending in ("人民政府", "政府"):
        if word.endswith(ending):
            found += [word[: -len(ending)]] if len(word) > len(ending) else []
            break
    for ending in ("办事处", "办"):
        if word.endswith(ending):
            rest = word[: -len(ending)]
            if rest.endswith("街道"):
                return found + [rest]
            break
    return found + ([word + "办事处"] if word.endswith("街道") else [])


class Region:
    """A row of the table."""

    def __init__(self, row):
        self.code, self.name, self.parent = row["code"], row["name"], row["parent"]
        self.level, self.unit = LEVELS[row["level"]], row.get("unit") == "yes"
        aliases = [word for word in (row.get("alias") or "").split("|") if word]
        self.words = [region_word(word) for word in [self.name, *aliases]]


class Tree:
    """Regions by code and by word."""

    def __init__(self, root, rows):
        self.root = root
        regions = sorted((Region(row) for row in rows), key=lambda region: region.code)
        self.by_code = {region.code: region for region in regions}
        self.by_word, self.below = {}, {}
        for region in regions:
            self.below.setdefault(region.parent, []).append(region)
            words = set(region.words)
            if region.level == VILLAGE:
                words |= {stem(word) for word in words}
            for word in words:
                self.by_word.setdefault(word, []).append(region)

    def is_inside(self, code):
        return code.startswith(self.root)

    def children(self, code):
        return self.below.get(code, [])

    def inside(self):
        return [region for region in self.by_code.values() if self.is_inside(region.code)]

    def path(self, code):
        path, region = [], self.by_code.get(code)
        while region and self.is_inside(region.code):
            path.append(region.code)
            if region.code == self.root:
                break
            region = self.by_code.get(region.parent)
        return path[::-1]

    def is_below(self, region, parent):
        while region:
            if region.parent == parent:
                return True
            region = self.by_code.get(region.parent)
        return False

    def resolve(self, place, words):
        """(inside, outside, problem): problem is (code of the finding, word)."""
        named = {"inside": None, "outside": None, "problem": None}
        if place is not None:
            self._place(region_word(place), named)
        if named["outside"] is not None:
            return named
        for level, word in zip((COUNTY, TOWNSHIP, VILLAGE), words):
            word = region_word(word) if word else ""
            if not word:
                continue
            below = named["inside"] or self.root
            found = self._below(below, word, level)
            if not found:
                if any(self._is_called(self.by_code[code], word) for code in self.path(below)):
                    continue
                found, above = self._composed(below, word)
                if not found and above:
                    named["inside"] = above
            if len(found) == 1:
                named["inside"] = found[0].code
            elif named["problem"] is None:
                named["problem"] = ("region-ambiguous" if found else "region-unknown", word)
        return named

    def _is_called(self, region, word):
        bare = lambda word: stem(without_group(without_remark(word)))
        return word in region.words or region.level == VILLAGE and any(bare(name) == bare(word) for name in region.words)

    def _composed(self, below, word):
        found, above = [], None
        if len(word) > 40:
            return found, above
        for at, last in enumerate(word):
            if last not in ABOVE and last not in "道场":
                continue
            head, tail = word[: at + 1], word[at + 1 :]
            agrees = lambda r: self.is_inside(r.code) and (
                r.code == below or self.is_below(r, below) or r.code in self.path(below))
            parents = [region for region in self._words(head) if agrees(region)]
            if len(parents) != 1 or parents[0].level == VILLAGE or not tail:
                continue
            parent = parents[0]
            if parent.code == below or self.is_below(parent, below):
                above = parent.code
            for region in self._below(parent.code, tail, VILLAGE):
                if (region.code == below or self.is_below(region, below)) and region not in found:
                    found.append(region)
        return found, above

    def _words(self, word):
        if len(word) > 200:
            return []
        if word in self.by_word:
            return self.by_word[word]
        core = word
        for office in OFFICES:
            if core.endswith(office) and len(core) > len(office):
                core = core[: -len(office)]
                break
        for at in range(len(core)):
            if at == 0 or core[:at].endswith(ABOVE):
                found = [region for region in self.by_word.get(core[at:], []) if region.level != VILLAGE]
                if found:
                    return found
        return []

    def _place(self, word, named):
        if not word:
            return
        found = re.fullmatch(r"[^(]*\(([0-9]{4,})\)", word)
        if found:
            return self._place(found[1], named)
        digits = re.match(r"[0-9]*", word).group()
        if len(digits) >= 4:
            known = next((digits[:n] for n in range(min(len(digits), 12), 3, -1) if digits[:n] in self.by_code), None)
            if self.is_inside(digits):
                named["inside"] = known if known and self.is_inside(known) else None
                if digits[len(named["inside"] or "") :].strip("0"):
                    named["problem"] = ("region-unknown", digits)
            elif not self.root.startswith(digits.rstrip("0")):
                named["outside"] = digits
            unit = self.by_code.get(word)
            if unit and self.is_inside(unit.code):
                named["inside"], named["outside"] = unit.code, None
            return
        if word in self.by_code:
            named["inside"] = word
            return
        found = self._words(word)
        top = min((region.level for region in found), default=None)
        best = [region for region in found if region.level == top]
        if len(best) == 1:
            code = best[0].code
            if self.is_inside(code):
                named["inside"] = code
            elif not self.root.startswith(code):
                named["outside"] = code
        elif best:
            named["problem"] = ("region-ambiguous", word)
        else:
            composed, above = self._composed(self.root, word)
            if len(composed) == 1:
                named["inside"] = composed[0].code
            elif composed:
                named["problem"] = ("region-ambiguous", word)
            else:
                named["inside"], named["problem"] = above, ("region-unknown", word)

    def _below(self, parent, word, level):
        if len(word) > 200:
            return []
        if word in self.by_code and word.startswith(parent):
            return [self.by_code[word]]
        lookup = lambda word: [region for region in self.by_word.get(word, []) if self.is_below(region, parent)]
        villages = lambda word: [region for region in lookup(word) if region.level == VILLAGE]
        found = lookup(word)
        if level == VILLAGE and not found:
            found = villages(stem(word))
        if level == VILLAGE and not found:
            village = without_group(without_remark(word))
            if village != word:
                found = villages(village) or villages(stem(village))
        if level != VILLAGE and not found:
            found = next((hits for hits in map(lookup, township_words(word)) if hits), [])
        exact = [region for region in found if region.level == level]
        if exact:
            return [region for region in exact if word in region.words] or exact
        return found


def locate(scheme, kind, cells):
    """(region, word, verdict, here, pool) of a row's five words: place, region code, county, township, village."""
    place, code, county, township, village = (cell or None for cell in cells)
    place = (code or place) if kind == "tasks" else (place or code)
    tree = scheme.regions
    by_place = tree.resolve(place, (None, None, None))
    known = by_place["inside"]
    level = tree.by_code[known].level if known and known != tree.root else None
    words = [word if level is None or at > level else None
             for at, word in ((COUNTY, county), (TOWNSHIP, township), (VILLAGE, village))]
    named = tree.resolve(place, words)
    verdict, word = named["problem"] or (None, None)
    if named["outside"] is not None:
        return None, word, verdict, False, scheme.pool(named["outside"])
    if kind == "elsewhere" and by_place["problem"] and by_place["inside"] is None:
        return None, word, verdict, False, word or ""
    if kind == "elsewhere" and named["inside"] is None:
        return None, word, verdict, False, "?"
    pool = scheme.pool(named["inside"] or tree.root)
    region = named["inside"] if kind == "tasks" or named["inside"] != tree.root else None
    return region, word, verdict, True, pool
