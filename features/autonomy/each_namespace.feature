Feature: Opting in holds for one namespace alone

  @rule:autonomy/opt_in
  Scenario: Its staging namespace hasn't opted in
    Given payments-api crash-loops in production after a release
    When alice proposes to restart ledger-worker in staging
    Then it waits for one person of team:team-payments
    And nothing was merged
    And nobody was told of a fix

  @rule:autonomy/opt_in
  Scenario: Neither has its neighbour
    Given payments-api crash-loops in production after a release
    And frank and grace work for team-checkout
    When grace proposes to restart storefront
    Then it waits for one person of team:team-checkout
    And nothing was merged
    And nobody was told of a fix

  @rule:autonomy/opt_in
  Scenario: Nor does opting in cover another action
    Given payments-api crash-loops in production after a release
    And it is next Tuesday 09:00 in UTC
    When alice proposes to scale ledger-worker to 4
    Then it still waits
    And nothing was merged
