# What R gives on panel.csv for a balance table, its joint test, and Anderson's index: one line per figure.
#
# Usage: Rscript balance.R > balance.out

suppressMessages(library(clubSandwich))
options(warn = 2)

line <- function(name, ...) cat(name, sapply(list(...), function(x) formatC(x, digits = 17, format = "g", width = 1)), "\n")
cat("#", R.version.string, "; clubSandwich", as.character(packageVersion("clubSandwich")), "\n")

panel <- read.csv("panel.csv", colClasses = c(cluster = "character"))
variables <- c("age", "members", "z")

# The identity is the working model, whatever the weights.
robust <- function(fit, data) vcovCR(fit, cluster = data$cluster, type = "CR2", target = rep(1, nrow(data)))
spread <- function(y, w) sqrt(weighted.mean((y - weighted.mean(y, w))^2, w) * length(y) / (length(y) - 1))

for (weighted in c(FALSE, TRUE)) {
  panel$.w <- if (weighted) panel$weight else 1
  for (name in variables) {
    kept <- panel[!is.na(panel[[name]]), ]
    kept$value <- kept[[name]]
    arms <- lapply(c(1, 0), function(arm) kept[kept$treated == arm, ])
    told <- unlist(lapply(arms, function(rows) {
      fit <- lm(value ~ 1, rows, weights = .w)
      c(coef(fit), sqrt(diag(robust(fit, rows))))
    }))
    sds <- sapply(arms, function(rows) spread(rows$value, rows$.w))
    normalised <- (told[1] - told[3]) / sqrt(mean(sds^2))
    both <- lm(value ~ treated + stratum, kept, weights = .w)
    found <- coef_test(both, vcov = robust(both, kept), test = "Satterthwaite")
    p <- found$p_Satt[rownames(as.data.frame(found)) == "treated"]
    line(paste0("balance.", weighted, ".", name), told[1], told[2], told[3], told[4], normalised, p)
  }
  kept <- panel[complete.cases(panel[variables]), ]
  fit <- lm(treated ~ age + members + z + stratum, kept, weights = .w)
  test <- Wald_test(fit, constraints = constrain_zero(variables, coefs = coef(fit)), vcov = robust(fit, kept), test = "HTZ")
  line(paste0("joint.", weighted), test$Fstat, test$df_num, test$df_denom, test$p_val, nrow(kept))
}

# Anderson (2008): standardised on a control group, weighed by the row sums of the inverse covariance of all rows.
kept <- panel[complete.cases(panel[c("y", variables)]), ]
control <- kept$treated == 0
x <- sapply(c("y", variables), function(name) (kept[[name]] - mean(kept[[name]][control])) / sd(kept[[name]][control]))
x[, "members"] <- -x[, "members"]
weights <- rowSums(solve(cov(x)))
index <- drop(x %*% weights) / sum(weights)
line("index", mean(index), sd(index), index[1], index[length(index)], sum(abs(index)))
