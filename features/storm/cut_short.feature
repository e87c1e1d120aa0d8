Feature: What a sender left out of a storm isn't taken for nothing

  Background:
    Given payments-api crash-loops in production after a release

  @rule:tier/untold
  Scenario: A storm that was cut short makes no action a safe one
    Given Alertmanager tells of this crash and says that it left out 40 alerts
    When the agent proposes to restart payments-api
    Then it counts as moderate
    And the incident shows: "alertmanager left out 40 more alerts"
    And nothing was merged

  Scenario: One that was told whole leaves it at that
    Given Alertmanager tells of this crash and says that it left out 0 alerts
    When the agent proposes to restart payments-api
    Then it counts as safe
