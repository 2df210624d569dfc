# Drives R's survey package over sample.csv; its output, kept as reference.out, is what the engine is held to.
#
# Usage: Rscript reference.R > reference.out       (in this folder; half a minute)
#
# A block is one configuration. Its first line is `@ kind` and then `key=value` pairs, its second names the columns,
# and a block ends at the next `@`. README.md of this folder gives the definitions and says which function gives what.

source("functions.R")

people <- read.csv("sample.csv", colClasses = c(psu = "character"))
people$one <- 1
people$year <- as.character(people$year)
people$pair <- paste(people$stratum, people$psu)

# ---- levels, covariances, changes ------------------------------------------------------------------------------

header()

every <- c("mean spending", "mean income", "mean school", "proportion poor", "proportion school", "proportion water",
           "total", "total spending", "total poor", "total school", "ratio income spending", "ratio extreme poor",
           "fgt spending line 0", "fgt spending line 1", "fgt spending line 2", "fgt income line 1",
           "quantile spending 0.1", "quantile spending 0.5", "quantile spending 0.9", "quantile income 0.5",
           "gini spending", "gini income", "bottom_share spending 0.4", "bottom_share income 0.2")
groupings <- list(character(), "year", "region", c("year", "region"), c("area", "year"))

for (name in every) for (by in groupings) estimate_block(name, by)
for (name in every) for (by in list(character(), "region", c("year", "region"))) estimate_block(name, by, where = "woman_head")
for (name in every) for (by in list("year", c("year", "region"))) estimate_block(name, by, period = "year")
for (name in c("mean poor", "gini income", "quantile spending 0.5"))
  estimate_block(name, "year", where = "woman_head", period = "year")

for (name in c("share area", "share spending area", "share income area")) {
  for (by in list("area", c("year", "area"), c("region", "area"))) estimate_block(name, by)
  estimate_block(name, c("year", "area"), where = "woman_head")
  estimate_block(name, c("year", "area"), period = "year")
}

under_policy <- c("mean spending", "mean school", "proportion poor", "total", "total spending", "total school",
                  "ratio income spending", "fgt spending line 1", "quantile spending 0.5", "gini income",
                  "bottom_share spending 0.4", "share spending area")
for (strata in c("stratum_one", "stratum_three"))
  for (policy in c("adjust", "average", "certainty", "remove"))
    for (name in under_policy) {
      share <- startsWith(name, "share")
      for (by in list(if (share) "area" else character(), c("year", if (share) "area"), c("region", if (share) "area")))
        estimate_block(name, by, strata = strata, lonely = policy)
      estimate_block(name, c("year", if (share) "area"), strata = strata, lonely = policy, period = "year")
      if (!share) estimate_block(name, "year", where = "woman_head", strata = strata, lonely = policy)
    }
for (strata in c("stratum_one", "stratum_three")) for (name in under_policy[1:8]) fails_block(name, strata)

# Without replacement, and without strata.
for (name in c("mean spending", "total school", "proportion poor", "ratio income spending", "quantile spending 0.5",
               "gini spending", "fgt spending line 2")) {
  for (by in list(character(), "region")) {
    estimate_block(name, by, fpc = "fpc")
    estimate_block(name, by, strata = "-")
  }
  estimate_block(name, "year", fpc = "fpc", period = "year")
}
for (policy in c("adjust", "average", "certainty"))
  estimate_block("mean spending", "region", strata = "stratum_one", lonely = policy, fpc = "fpc")

covariance_block(c("mean spending", "mean poor"), "year", from = "svyby")
covariance_block(c("mean spending", "mean poor"), c("year", "region"), from = "svyby")
covariance_block(c("mean spending", "mean poor", "mean extreme"), "region", where = "woman_head", from = "svyby")
covariance_block(c("mean school", "total school", "ratio income spending", "total"), "year")
covariance_block(c("mean school", "total school", "ratio income spending", "total"), c("year", "region"))
covariance_block(c("fgt spending line 0", "fgt spending line 1", "fgt spending line 2"), c("year", "area"))
covariance_block(c("gini spending", "bottom_share spending 0.4", "quantile spending 0.5", "mean spending"), "year")
covariance_block(c("gini income", "mean school"), "region", where = "woman_head")
covariance_block(c("share spending area", "mean spending"), c("year", "area"))
for (policy in c("adjust", "average", "certainty"))
  covariance_block(c("mean spending", "total spending"), "year", strata = "stratum_one", lonely = policy)

for (name in c(every, "mean poor")) {
  change_block(name)
  change_block(name, "region")
  change_block(name, where = "woman_head")
}
for (name in c("share spending area", "share area")) change_block(name, "area")
for (policy in c("adjust", "average", "certainty"))
  for (name in c("mean spending", "total spending", "ratio income spending"))
    change_block(name, strata = "stratum_one", lonely = policy)

for (name in c("mean spending", "mean poor", "mean school", "total spending", "ratio income spending",
               "fgt spending line 1", "quantile spending 0.5", "gini spending", "bottom_share spending 0.4")) {
  did_block(name, "region", "north", "south")
  did_block(name, "area", "rural", "urban")
}
did_block("mean spending", "area", "rural", "urban", strata = "stratum_one", lonely = "adjust")

regression_block(spending ~ area)
regression_block(spending ~ area + woman_head + members)
regression_block(poor ~ area * year)
regression_block(income ~ area + year)

# ---- what two routes within R say of each other ------------------------------------------------------------------

# Shares by svycontrast of two totals, against svyratio.
design <- sample_design("stratum")
totals <- svyby(~spending, ~area, design, svytotal, covmat = TRUE)
share <- svycontrast(totals, list(rural = quote(rural / (rural + urban))))
ratio <- levels_of("share spending area", "area", design)$rural
# Numerical derivatives (Richardson) of the two hand-made statistics with respect to every weight.
richardson <- function(f, w, i) {
  slope <- function(h) { a <- b <- w; a[i] <- a[i] + h; b[i] <- b[i] - h; (f(a) - f(b)) / (2 * h) }
  h <- w[i] / 50
  (4 * slope(h / 2) - slope(h)) / 3
}
y <- people$spending
w <- people$weight
probes <- seq(1, length(y), by = 13)
off <- function(statistic, influence) {
  exact <- influence(y, w)[probes]
  max(abs(sapply(probes, function(i) richardson(function(w) statistic(y, w), w, i)) - exact)) / max(abs(exact))
}
block("routes", what = "largest relative difference of two routes within R")
line("pair", "difference")
line("share: svycontrast of totals, svyratio (estimate)", number(abs(coef(share) / ratio$estimate - 1)))
line("share: svycontrast of totals, svyratio (SE)", number(abs(as.numeric(SE(share)) / ratio$se - 1)))
line("gini: derivative written out, Richardson", number(off(gini, gini_influence)))
line("bottom share: derivative written out, Richardson",
     number(off(function(y, w) bottom_share(y, w, 0.4), function(y, w) bottom_influence(y, w, 0.4))))
logit <- attr(svyciprop(~poor, design, method = "logit", df = degf(design)), "ci")
xlogit <- attr(svyciprop(~poor, design, method = "xlogit", df = degf(design)), "ci")
line("proportion: svyciprop xlogit, logit", number(max(abs(logit / xlogit - 1))))

# survey 4.1-1 gives the second smallest value where p is below the weight share of the smallest.
lowest <- svydesign(ids = ~1, weights = c(4, 1, 1, 1), data = data.frame(y = c(10, 20, 30, 40)))
block("slip", what = "quantile 0.1 of 10, 20, 30, 40 with weights 4, 1, 1, 1: by definition 10")
line("by R")
line(number(svyquantile(~y, lowest, 0.1, qrule = "math", ci = FALSE)$y[1]))

# A share that is reached exactly: the value that reaches it, not the next.
even <- svydesign(ids = ~1, weights = rep(2, 4), data = data.frame(y = c(10, 20, 30, 40)))
block("tie", what = "quantiles of 10, 20, 30, 40 with equal weights")
line("p", "by R")
for (p in c(0.25, 0.5, 0.75)) line(p, number(svyquantile(~y, even, p, qrule = "math", ci = FALSE)$y[1]))
