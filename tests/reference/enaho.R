# Drives R's survey package over real ENAHO files, which are not kept here; its output is enaho.out.
#
# Usage, in this folder:  python export_enaho.py FOLDER OUT; Rscript enaho.R OUT > enaho.out
# OUT gets sumaria.csv (2015, 2018, 2019) and governance.csv (2009, 2014).

source("functions.R")
folder <- commandArgs(trailingOnly = TRUE)[1]
read_years <- function(name, weight, years) {
  data <- read.csv(file.path(folder, name), colClasses = c(psu = "character", department = "character"))
  data <- data[data$year %in% years, ]
  for (column in names(data)) if (all(data[[column]] %in% c("True", "False", ""))) # "" is missing
    data[[column]] <- ifelse(data[[column]] == "", NA, as.numeric(data[[column]] == "True"))
  data$weight <- data[[weight]]
  data$year <- as.character(data$year)
  data$pair <- paste(data$stratum, data$psu)
  data$one <- 1
  data
}

people <- read_years("sumaria.csv", "person_weight", c(2015, 2018, 2019))
header()
for (name in c("mean poor", "mean extreme_poor", "proportion poor", "total poor", "fgt spending_pc_month poverty_line 1",
               "fgt spending_pc_month poverty_line 2", "quantile spending_pc_month 0.1", "quantile spending_pc_month 0.5",
               "bottom_share spending_pc_month 0.4", "ratio spending_pc_month income_pc_month")) {
  estimate_block(name, "year", period = "year")
  estimate_block(name, c("year", "department"), period = "year")
}
people <- people[people$year != "2018", ]
for (name in c("mean poor", "mean extreme_poor", "quantile spending_pc_month 0.5")) {
  change_block(name)
  change_block(name, "department")
}
did_block("mean poor", "department", "05", "14")

people <- read_years("governance.csv", "household_weight", c(2009, 2014))
for (name in c("mean living_badly", "mean standard_worse")) {
  estimate_block(name, "year", period = "year")
  estimate_block(name, c("year", "department"), period = "year")
  change_block(name)
  change_block(name, "department")
}
