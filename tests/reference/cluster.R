# What R's clubSandwich and sandwich give on panel.csv and on the poverty of 24 departments: one block per model.
#
# Usage: Rscript cluster.R > cluster.out

suppressMessages({library(clubSandwich); library(sandwich)})
options(warn = 2)

number <- function(x) ifelse(is.na(x), "nan", formatC(x, digits = 17, format = "g", width = 1))
block <- function(kind, ...) {
  keys <- list(...)
  cat("@ ", kind, paste0(" | ", names(keys), "=", unlist(keys), collapse = ""), "\n", sep = "")
}
line <- function(...) cat(paste(c(...), collapse = " | "), "\n", sep = "")

cat("# ", R.version.string, "; clubSandwich ", as.character(packageVersion("clubSandwich")),
    "; sandwich ", as.character(packageVersion("sandwich")), "\n", sep = "")

panel <- read.csv("panel.csv", colClasses = c(cluster = "character"))
panel$alone <- as.numeric(panel$cluster == "c08")

# lm's weights without a target are, to clubSandwich, weights of the estimate and not of the working model: the target
# is the identity.
model <- function(formula, weight, data) {
  data$.w <- if (weight == "-") 1 else data[[weight]]
  if (weight == "-") lm(as.formula(formula), data) else lm(as.formula(formula), data, weights = .w)
}
used <- function(fit, data, cluster) data[[cluster]][as.integer(names(residuals(fit)))]

rows_of <- function(fit, vcov, groups, terms = NULL) {
  found <- coef_test(fit, vcov = vcov, test = "Satterthwaite")
  for (i in seq_len(nrow(found))) {
    if (is.null(terms) || grepl(terms, rownames(found)[i]))
      line(rownames(found)[i], number(c(found$beta[i], found$SE[i], found$df_Satt[i], found$p_Satt[i])),
           length(groups), length(unique(groups)))
  }
}

fit_block <- function(formula, weight = "-", cluster = "cluster", joint = list()) {
  fit <- model(formula, weight, panel)
  groups <- used(fit, panel, cluster)
  vcov <- vcovCR(fit, cluster = groups, type = "CR2")
  block("fit", formula = formula, weight = weight, cluster = cluster)
  line("term", "estimate", "se", "df", "p", "n", "clusters")
  rows_of(fit, vcov, groups)
  block("covariance", formula = formula, weight = weight, cluster = cluster)
  line("term", colnames(vcov))
  for (i in seq_len(nrow(vcov))) line(rownames(vcov)[i], number(as.matrix(vcov)[i, ]))
  hc1 <- vcovCL(fit, cluster = groups, type = "HC1", cadjust = TRUE)
  block("cr1", formula = formula, weight = weight, cluster = cluster)
  line("term", "se")
  for (i in seq_len(nrow(hc1))) line(rownames(hc1)[i], number(sqrt(hc1[i, i])))
  for (names in joint) {
    test <- Wald_test(fit, constrain_zero(names, coefs = coef(fit)), vcov = vcov, test = "HTZ")
    block("joint", formula = formula, weight = weight, cluster = cluster, names = paste(names, collapse = ";"))
    line("test", "statistic", "df_num", "df_denom", "p")
    line("HTZ", number(c(test$Fstat, test$df_num, test$df_denom, test$p_val)))
  }
}

strata <- c("stratumb", "stratumc", "stratumd")
for (weight in c("-", "weight")) {
  fit_block("y ~ treated", weight)
  fit_block("y ~ mixed", weight)
  fit_block("y ~ treated + stratum + age", weight, joint = list(strata, c("treated", "age")))
  fit_block("y ~ mixed * members + stratum", weight, joint = list(c("mixed", "mixed:members"), "members"))
  fit_block("z ~ treated + mixed + stratum + age + members", weight, joint = list(c("treated", "mixed", "age", "members", strata)))
  fit_block("y ~ mixed + age", weight, "four", joint = list(c("mixed", "age")))
  fit_block("y ~ I(four > 1)", weight, "four")
  fit_block("y ~ alone", weight)
  fit_block("y ~ mixed + cluster", weight)
}

# R leaves out a column that follows from the others; the engine refuses it, and names it.
block("collinear", formula = "y ~ treated + stratum + south")
line("dropped")
line(names(which(is.na(coef(lm(y ~ treated + stratum + south, panel))))))

# ---- departments ------------------------------------------------------------------------------------------------

parts <- c("callao", "lima_metropolitana", "lima_provincias", "lima_metropolitana_callao", "peru")
poverty <- read.csv("../../data/official/poverty.csv")
poverty <- poverty[!(poverty$region %in% parts), ]
poverty$treated <- as.numeric(poverty$region %in% c("ayacucho", "cusco", "puno", "lambayeque"))

department_block <- function(kind, formula, data, terms, ...) {
  fit <- lm(as.formula(formula), data)
  vcov <- vcovCR(fit, cluster = data$region, type = "CR2")
  block(kind, ...)
  line("term", "estimate", "se", "df", "p", "n", "clusters")
  rows_of(fit, vcov, data$region, terms)
}

event_block <- function(data, reference, dropped = "-") {
  years <- setdiff(sort(unique(data$year)), reference)
  for (year in years) data[[paste0("t", year)]] <- data$treated * (data$year == year)
  formula <- paste("poverty_pct ~ region + factor(year) +", paste0("t", years, collapse = " + "))
  department_block("event", formula, data, "^t[0-9]+$", reference = reference, rows = dropped)
}

trend_block <- function(data, baseline, dropped = "-") {
  data <- data[data$year <= baseline, ]
  data$slope <- data$treated * data$year
  department_block("trend", "poverty_pct ~ region + factor(year) + slope", data, "^slope$", baseline = baseline,
                   rows = dropped)
}

# Without some years of some departments: unbalanced.
holes <- poverty[!(poverty$region %in% c("puno", "tacna") & poverty$year %in% c(2005, 2008)) &
                 !(poverty$region == "loreto" & poverty$year > 2010), ]
event_block(poverty, 2009)
event_block(holes, 2009, "holes")
for (baseline in c(2006, 2009)) trend_block(poverty, baseline)
trend_block(holes, 2009, "holes")
