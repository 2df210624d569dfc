# What reference.R and enaho.R have in common: statistics by R's survey package, and blocks of output.
#
# Expects `people`: one row per unit, with year (text), stratum, psu, pair (stratum and psu), weight and one (all 1).

suppressMessages(library(survey))
options(survey.lonely.psu = "fail", survey.adjust.domain.lonely = FALSE, warn = 2)

# ---- writing ---------------------------------------------------------------------------------------------------

number <- function(x) ifelse(is.na(x), "nan", formatC(x, digits = 17, format = "g", width = 1))
block <- function(kind, ...) {
  keys <- list(...)
  cat("@ ", kind, paste0(" | ", names(keys), "=", unlist(keys), collapse = ""), "\n", sep = "")
}
line <- function(...) cat(paste(c(...), collapse = " | "), "\n", sep = "")

header <- function() {
  cat("# ", R.version.string, "; survey ", as.character(packageVersion("survey")), "\n", sep = "")
  cat("# rows ", nrow(people), "; numbers have 17 significant digits; nan: R has none\n", sep = "")
}

# ---- designs and domains ---------------------------------------------------------------------------------------

sample_design <- function(strata, data = people, fpc = "-") {
  if (strata == "-") return(svydesign(ids = ~psu, weights = ~weight, data = data))
  svydesign(ids = ~psu, strata = as.formula(paste0("~", strata)), nest = TRUE, weights = ~weight, data = data,
            fpc = if (fpc != "-") as.formula(paste0("~", fpc)))
}

# The levels of the columns of `by` that occur, as a named list of logical vectors over the rows.
domains <- function(by, data) {
  if (length(by) == 0) return(list(all = rep(TRUE, nrow(data))))
  key <- do.call(paste, c(unname(lapply(by, function(column) as.character(data[[column]]))), sep = ","))
  levels <- sort(unique(key))
  setNames(lapply(levels, function(level) key == level), levels)
}

psus <- function(rows, design) length(unique(paste(design$strata[rows, 1], design$cluster[rows, 1])))

# ---- one statistic in one domain -------------------------------------------------------------------------------
# Each returns the estimate, its standard error as R gives it, the rows that enter, and the influence of every row
# of the design times its weight (zero outside the domain). Domains are subsets of the design, never of the data.

spread <- function(values, rows, design) {
  full <- numeric(nrow(design))
  full[rows] <- values
  full
}

# A statistic linearised by hand: its standard error is that of the total of its influence.
linearised <- function(estimate, influence, rows, design) {
  part <- design[rows, ]
  list(estimate = estimate, se = as.numeric(SE(svytotal(matrix(influence, ncol = 1), part))),
       influence = spread(influence * weights(part), rows, design), rows = rows)
}

of_mean <- function(y, rows, design) {
  rows <- rows & !is.na(y)
  part <- design[rows, ]
  part$variables$.y <- y[rows]
  m <- svymean(~.y, part, influence = TRUE)
  list(estimate = as.numeric(coef(m)), se = as.numeric(SE(m)),
       influence = spread(attr(m, "influence"), rows, design), rows = rows)
}

of_total <- function(y, rows, design) {
  rows <- rows & !is.na(y)
  part <- design[rows, ]
  part$variables$.y <- y[rows]
  m <- svytotal(~.y, part, influence = TRUE)
  list(estimate = as.numeric(coef(m)), se = as.numeric(SE(m)),
       influence = spread(attr(m, "influence"), rows, design), rows = rows)
}

of_ratio <- function(top, bottom, rows, design) {
  rows <- rows & !is.na(top) & !is.na(bottom)
  part <- design[rows, ]
  part$variables$.t <- top[rows]
  part$variables$.b <- bottom[rows]
  m <- svyratio(~.t, ~.b, part, influence = TRUE)
  list(estimate = as.numeric(coef(m)), se = as.numeric(SE(m)),
       influence = spread(attr(m, "influence"), rows, design), rows = rows)
}

# Smallest y at which the cumulative weight reaches p.
smallest <- function(y, w, p) {
  o <- order(y)
  y[o][which(cumsum(w[o]) >= p * sum(w))[1]]
}

# qrule "math" is, in survey 4.1-1, the code of "hf1": the inverse of the distribution function. Where p is below the
# weight of the very first row, qs() gives the second row: the same rule written out is used for that bound, and the
# block `slip` records what R gives.
of_quantile <- function(y, p, rows, design, df) {
  rows <- rows & !is.na(y)
  part <- design[rows, ]
  part$variables$.y <- y[rows]
  m <- svyquantile(~.y, part, p, interval.type = "mean", qrule = "math", df = df)$.y
  again <- svyquantile(~.y, part, p, interval.type = "mean", qrule = "hf1", df = df)$.y
  stopifnot(identical(m, again), m[1] == smallest(y[rows], weights(part), p))
  q <- m[1]
  below <- svymean(~as.numeric(.y <= q), part, influence = TRUE)
  t <- qt(0.975, df)
  bounds <- as.numeric(coef(below)) + c(-t, t) * as.numeric(SE(below))
  first <- weights(part)[which.min(part$variables$.y)] / sum(weights(part))
  low <- m[2]
  if (!is.na(low) && bounds[1] < first) low <- min(part$variables$.y)
  # The largest value as quantile: nothing in the sample lies above, F is 1 without spread, and Woodruff has nothing to
  # read back. R then prints that value as both bounds, or none, as rounding has it; by definition there are none.
  if (q == max(part$variables$.y)) m[2:4] <- low <- NA
  se <- (m[3] - low) / (2 * t)
  stopifnot(is.na(se) || low != m[2] || abs(se - m[4]) <= 1e-12 * se)
  # The influence that has this standard error: the density is the one the interval implies.
  scale <- se / as.numeric(SE(below))
  list(estimate = q, se = se, low = low, high = m[3], rows = rows,
       influence = spread(-attr(below, "influence") * scale, rows, design))
}

# Gini as the mean absolute difference over all pairs, and its derivative with respect to each weight
# (Deville 1999; Langel and Tille 2013, section 5): no sorting, no formula in common with the engine.
gini <- function(y, w) sum(outer(w, w) * abs(outer(y, y, "-"))) / (2 * sum(w) * sum(w * y))
gini_influence <- function(y, w) {
  total <- sum(w * y)
  as.vector(abs(outer(y, y, "-")) %*% w) / (sum(w) * total) - gini(y, w) / sum(w) - gini(y, w) * y / total
}

# The share of the total that the poorest p of the weight hold; of the rows at the quantile only the part that makes
# it exactly p counts (Osier 2009; Langel and Tille 2011 on quantile shares).
bottom_share <- function(y, w, p) {
  q <- smallest(y, w, p)
  (sum(w * y * (y < q)) + (p * sum(w) - sum(w * (y < q))) * q) / sum(w * y)
}
bottom_influence <- function(y, w, p) {
  q <- smallest(y, w, p)
  ((y - q) * (y <= q) + p * q - bottom_share(y, w, p) * y) / sum(w * y)
}

by_hand <- function(statistic, influence, y, rows, design) {
  rows <- rows & !is.na(y)
  w <- weights(design)[rows]
  linearised(statistic(y[rows], w), influence(y[rows], w), rows, design)
}

# What a configuration names: "mean spending", "ratio income spending", "fgt spending line 1", "share spending area"...
measure <- function(name, rows, design, df, by = character()) {
  word <- strsplit(name, " ")[[1]]
  v <- design$variables
  y <- if (length(word) > 1) v[[word[2]]]
  switch(word[1],
    mean = of_mean(y, rows, design),
    proportion = of_proportion(word[2], rows, design, df),
    total = of_total(if (is.null(y)) v$one else y, rows, design),
    ratio = of_ratio(y, v[[word[3]]], rows, design),
    fgt = {
      gap <- (v[[word[3]]] - y) / v[[word[3]]]
      of_mean(ifelse(y < v[[word[3]]], gap^as.numeric(word[4]), 0), rows, design)
    },
    quantile = of_quantile(y, as.numeric(word[3]), rows, design, df),
    gini = by_hand(gini, gini_influence, y, rows, design),
    bottom_share = {
      p <- as.numeric(word[3])
      by_hand(function(y, w) bottom_share(y, w, p), function(y, w) bottom_influence(y, w, p), y, rows, design)
    },
    share = of_share(word, rows, design, by)
  )
}

of_proportion <- function(variable, rows, design, df) {
  result <- of_mean(design$variables[[variable]], rows, design)
  part <- design[result$rows, ]
  formula <- as.formula(paste0("~", variable))
  bounds <- if (length(unique(part$variables[[variable]])) == 1) c(NA, NA) # log(p / (1 - p)) has no interval there
            else as.numeric(attr(svyciprop(formula, part, method = "xlogit", df = df), "ci"))
  c(result, low = bounds[1], high = bounds[2])
}

# The part of a total that falls in one category of the column `over`: "share spending area", or "share area" of people.
# `rows` are those of the category; the whole is the same domain without regard to that column.
of_share <- function(word, rows, design, by) {
  over <- word[length(word)]
  y <- if (length(word) == 3) design$variables[[word[2]]] else design$variables$one
  others <- setdiff(by, over)
  whole <- rep(TRUE, nrow(design))
  if (!is.null(attr(rows, "where"))) whole <- whole & attr(rows, "where")
  for (column in others) {
    of_domain <- design$variables[[column]]
    whole <- whole & of_domain == of_domain[rows][1]
  }
  result <- of_ratio(y * rows, y, whole, design)
  result$rows <- rows & !is.na(y)
  result
}

# ---- blocks ----------------------------------------------------------------------------------------------------

# All domains of one indicator. `period`: each year by the design of its own rows.
levels_of <- function(name, by, design, where = "-", df = degf(design)) {
  inside <- if (where == "-") rep(TRUE, nrow(design)) else design$variables[[where]] == 1
  groups <- lapply(domains(by, design$variables), function(rows) structure(rows & inside, where = inside))
  lapply(groups, function(rows) {
    result <- measure(name, rows, design, df, by)
    if (is.null(result$low)) {
      t <- qt(0.975, df)
      result$low <- result$estimate - t * result$se
      result$high <- result$estimate + t * result$se
    }
    result$df <- df
    result$n <- sum(result$rows)
    result$psus <- psus(result$rows, design)
    result
  })
}

with_policy <- function(policy, code) {
  old <- options(survey.lonely.psu = policy)
  on.exit(options(old))
  code
}

estimate_block <- function(name, by = character(), where = "-", strata = "stratum", lonely = "fail", period = "-", fpc = "-") {
  block("estimate", indicator = name, by = paste(c(by, if (!length(by)) "-"), collapse = ","), where = where,
        strata = strata, lonely = lonely, period = period, fpc = fpc)
  with_policy(lonely, {
    results <- if (period == "-") levels_of(name, by, sample_design(strata, fpc = fpc), where)
               else do.call(c, lapply(sort(unique(people$year)), function(year)
                 levels_of(name, by, sample_design(strata, people[people$year == year, ], fpc), where)))
  })
  line("domain", "estimate", "se", "low", "high", "df", "n", "n_psu")
  for (domain in names(results)) {
    r <- results[[domain]]
    line(domain, number(c(r$estimate, r$se, r$low, r$high, r$df, r$n, r$psus)))
  }
}

# Covariances of everything with everything on the pooled design, from the influences R returns.
covariance_of <- function(results, design) {
  influence <- sapply(results, `[[`, "influence")
  known <- colSums(is.na(influence)) == 0 # svytotal would take a missing value for a lonely PSU
  v <- matrix(NA, ncol(influence), ncol(influence))
  if (any(known)) v[known, known] <- vcov(svytotal(influence[, known, drop = FALSE] / weights(design), design))
  v
}

all_results <- function(names, by, design, where = "-") {
  results <- lapply(names, function(name) levels_of(name, by, design, where))
  unlist(lapply(seq_along(names), function(i) setNames(results[[i]], paste(names[i], names(results[[i]]), sep = ":"))),
         recursive = FALSE)
}

covariance_block <- function(names, by, where = "-", strata = "stratum", lonely = "fail", from = "influence") {
  block("covariance", indicators = paste(names, collapse = ";"), by = paste(by, collapse = ","), where = where,
        strata = strata, lonely = lonely, from = from)
  design <- sample_design(strata)
  with_policy(lonely, {
    results <- all_results(names, by, design, where)
    v <- covariance_of(results, design)
    if (from == "svyby") v <- svyby_covariance(names, by, design, where, v)
  })
  line("estimate", names(results))
  for (i in seq_along(results)) line(names(results)[i], number(v[i, ]))
}

# The same by svyby(covmat = TRUE), which has it for means of complete variables: R's own route, and a check of ours.
svyby_covariance <- function(names, by, design, where, other) {
  variables <- sub("mean ", "", names)
  if (where != "-") design <- design[design$variables[[where]] == 1, ]
  v <- vcov(svyby(as.formula(paste("~", paste(variables, collapse = "+"))),
                  as.formula(paste("~", paste(rev(by), collapse = "+"))), design, svymean, covmat = TRUE))
  stopifnot(max(abs(v - other)) < 1e-10 * max(abs(v)))
  v
}

change_line <- function(label, estimates, se, df) {
  change <- estimates[2] - estimates[1]
  t <- qt(0.975, df)
  line(label, number(c(estimates, change, se, change - t * se, change + t * se, 2 * pt(-abs(change / se), df), df)))
}

# The last year less the first in each domain of `by`, on the pooled design.
change_block <- function(name, by = character(), where = "-", strata = "stratum", lonely = "fail") {
  block("change", indicator = name, by = paste(c(by, if (!length(by)) "-"), collapse = ","), where = where,
        strata = strata, lonely = lonely)
  design <- sample_design(strata)
  line("domain", "first", "last", "change", "se", "low", "high", "p", "df")
  with_policy(lonely, {
    results <- levels_of(name, c(by, "year"), design, where)
    years <- range(people$year)
    keys <- unique(sub(",?[0-9]{4}$", "", names(results)))
    for (key in keys) {
      pair <- results[paste0(key, if (key != "") ",", years)]
      v <- covariance_of(pair, design)
      se <- sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2])
      change_line(if (key == "") "all" else key, c(pair[[1]]$estimate, pair[[2]]$estimate), se, degf(design))
    }
  })
}

contrast_line <- function(label, estimate, se, df) {
  t <- qt(0.975, df)
  line(label, number(c(estimate, se, estimate - t * se, estimate + t * se, 2 * pt(-abs(estimate / se), df), df)))
}

# Difference in differences of two regions; svycontrast where svyby gives the covariances.
did_block <- function(name, over, treated, control, strata = "stratum", lonely = "fail") {
  block("did", indicator = name, by = over, treated = treated, control = control, strata = strata, lonely = lonely)
  design <- sample_design(strata)
  line("contrast", "estimate", "se", "low", "high", "p", "df")
  with_policy(lonely, {
    results <- levels_of(name, c(over, "year"), design)
    keys <- paste0(rep(c(treated, control), each = 2), ",", rev(range(people$year)))
    weights <- c(1, -1, -1, 1)
    picked <- results[keys]
    v <- covariance_of(picked, design)
    estimate <- sum(weights * sapply(picked, `[[`, "estimate"))
    se <- sqrt(as.numeric(t(weights) %*% v %*% weights))
    if (startsWith(name, "mean") || startsWith(name, "total")) {
      variable <- strsplit(name, " ")[[1]][2]
      if (!anyNA(design$variables[[variable]])) {
        made <- svyby(as.formula(paste0("~", variable)), as.formula(paste0("~", over, "+year")), design,
                      if (startsWith(name, "mean")) svymean else svytotal, covmat = TRUE)
        named <- setNames(weights, sub(",", ".", keys))
        c1 <- svycontrast(made, list(did = named))
        stopifnot(abs(SE(c1) - se) < 1e-10 * se, abs(coef(c1) - estimate) < 1e-9 * abs(estimate))
        se <- as.numeric(SE(c1))
      }
    }
    contrast_line("did", estimate, se, degf(design))
  })
}

fails_block <- function(name, strata) {
  message <- tryCatch({
    levels_of(name, character(), sample_design(strata))
    "none"
  }, error = function(e) conditionMessage(e))
  block("fails", indicator = name, strata = strata)
  line("message")
  line(message)
}

# ---- regression: clusters only, as statsmodels ------------------------------------------------------------------

regression_block <- function(formula, data = people) {
  block("regression", formula = paste(deparse(formula), collapse = ""), cluster = "stratum and psu")
  fit <- svyglm(formula, svydesign(ids = ~pair, weights = ~weight, data = data))
  n <- length(residuals(fit))
  k <- length(coef(fit))
  cat("# n ", n, "; k ", k, "; clusters ", length(unique(data$pair)), "\n", sep = "")
  line("term", "estimate", "se", "n", "k", "df")
  for (term in names(coef(fit))) line(term, number(c(coef(fit)[[term]], SE(fit)[[term]], n, k, degf(fit$survey.design) + 1 - k)))
}
